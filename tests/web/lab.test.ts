import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium } from '../helpers/chromium.ts';
import { builtApp } from './built_app.ts';
import { App } from './driver.ts';
import { type StaticServer, serveFolder } from './static_server.ts';

const golden = fileURLToPath(new URL('../fixtures/golden', import.meta.url));
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let server: StaticServer;
let browser: Browser;

beforeAll(async () => {
  server = await serveFolder(await builtApp());
  browser = await openChromium({ drawing: 'compute' });
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const RELU = 'lab.html#op=relu&pass=forward&size=2x3x7x5x11';

async function openLab(file: string): Promise<App> {
  const lab = await App.open(browser, server.url, { file });
  await lab.page.locator('[data-testid="lab-run"]:not([disabled])').waitFor();
  return lab;
}

/** Presses Run; gives what the result says. */
async function run(lab: App): Promise<string> {
  await lab.hook('lab-run').click();
  await lab.page
    .locator('[data-testid="lab-result"]:is([data-state="pass"], [data-state="fail"])')
    .waitFor();
  return lab.text('lab-result');
}

describe('the kernel lab', () => {
  test('runs a shipped kernel, with check, time and share of the ceiling', async () => {
    const lab = await openLab(RELU);
    expect(await lab.hook('lab-editor').inputValue()).toMatch(/^\/\/ y = .*0/);
    const said = await run(lab);
    expect(said).toMatch(/^PASS .*plain loops/);
    expect(said).toContain('of the ceiling');
    expect(lab.record.complaints).toEqual([]);
    expect(lab.record.foreign(new URL(server.url).origin)).toEqual([]);
    await lab.close();
  });

  test('fails a text that computes something else, and takes the shipped one back', async () => {
    const lab = await openLab(RELU);
    const editor = lab.hook('lab-editor');
    const shipped = await editor.inputValue();
    await editor.fill(shipped.replace('value <= 0.0', 'value > 0.0'));
    expect(await run(lab)).toMatch(/^FAIL Worst difference .* at index \d+: got .*, expected /);
    await editor.fill(shipped.replace('let value', 'let let value'));
    expect(await run(lab)).toMatch(/^FAIL .*does not compile.*shaders\/relu_forward\.wgsl:\d+:\d+/);
    await lab.hook('lab-reset').click();
    expect(await editor.inputValue()).toBe(shipped);
    expect(await run(lab)).toMatch(/^PASS/);
    expect(lab.record.complaints).toEqual([]);
    await lab.close();
  });

  test('takes numbers that fit, and says what is wrong with one that no adapter has', async () => {
    const lab = await openLab(RELU);
    const knob = lab.page.locator('[data-knob="WORKGROUP_SIZE"]');
    await knob.fill('32');
    expect(await run(lab)).toMatch(/^PASS/);
    await knob.fill('100000');
    expect(await run(lab)).toMatch(/^FAIL .*workgroup/);
    await knob.fill('64');
    expect(await run(lab)).toMatch(/^PASS/);
    await lab.close();
  });

  test('can be linked to: the address is what is chosen', async () => {
    const lab = await openLab('lab.html#op=instance_norm&pass=backward');
    expect(await lab.hook('lab-op').inputValue()).toBe('instance_norm');
    await lab.hook('lab-op').selectOption('softmax');
    await lab.page.waitForFunction(() => location.hash.startsWith('#op=softmax&pass=backward'));
    await lab.page.getByRole('link', { name: 'conv3d, naive' }).click();
    await lab.page.waitForFunction(() => location.hash.includes('variant=naive'));
    await lab.page.getByRole('tab', { name: 'conv3d_forward_naive.wgsl' }).waitFor();
    expect(await lab.page.getByLabel('src/reference/conv3d.ts').textContent()).toContain('for (');
    await lab.close();
  });

  test('is accessible, light and dark, and fits a phone', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const viewport = { width: 390, height: 800 };
      const options = { file: RELU, viewport, colorScheme };
      const lab = await App.open(browser, server.url, options);
      await lab.page.locator('[data-testid="lab-run"]:not([disabled])').waitFor();
      await run(lab);
      await lab.page.evaluate(await readFile(axe, 'utf8'));
      const violations = await lab.page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        const found = await axe.run();
        return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      expect(violations).toEqual([]);
      const [needed, there] = await lab.page.evaluate(() => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      expect(needed).toBeLessThanOrEqual(there!);
      await lab.close();
    }
  });
});

describe('the kernel check', () => {
  const finished = async (lab: App): Promise<string[]> => {
    await lab.page
      .locator('[data-testid="kernel-check-result"]:is([data-state="pass"], [data-state="fail"])')
      .waitFor({ timeout: 200_000 });
    return (await lab.text('kernel-check-result')).split('\n');
  };

  test('finds every op right on this adapter, and the golden values that the page brings', async () => {
    const lab = await App.open(browser, server.url, { file: 'lab.html#check' });
    const lines = await finished(lab);
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed$/);
    for (const name of ['conv3d_backward_weight', 'aggregate_labels', 'fastai_adam_0']) {
      expect(
        lines.some((line) => line.startsWith(`PASS ${name} `)),
        name,
      ).toBe(true);
    }
    await lab.close();
  }, 240_000);

  test('runs the cases of a golden folder', async () => {
    const lab = await openLab(RELU);
    await lab.hook('golden-input').setInputFiles(golden);
    const lines = await finished(lab);
    const { cases } = JSON.parse(await readFile(`${golden}/manifest.json`, 'utf8'));
    expect(lines.length).toBe(cases.length + 1);
    expect(lines.at(-1)).toBe(`${cases.length} passed, 0 failed`);
    await lab.close();
  });

  test('says so when a folder holds no cases', async () => {
    const lab = await openLab(RELU);
    const folder = fileURLToPath(new URL('../golden/ops', import.meta.url));
    await lab.hook('golden-input').setInputFiles(folder);
    expect((await finished(lab)).join()).toContain('no manifest.json');
    await lab.close();
  });
});
