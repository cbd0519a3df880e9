import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { predictFiles } from '../../src/node/predict_files.ts';
import { decodeModel } from '../../src/train/checkpoint.ts';
import { chromiumPath, openChromium } from '../helpers/chromium.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { testGpu } from '../helpers/gpu.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';
import { builtApp } from './built_app.ts';
import { App, type TestFile } from './driver.ts';
import { type StaticServer, serveFolder } from './static_server.ts';

async function filesOf(folder: string, names: readonly string[]): Promise<TestFile[]> {
  return Promise.all(
    names.map(async (name) => ({
      name: `${name}.nii.gz`,
      bytes: await readFile(join(folder, `${name}.nii.gz`)),
    })),
  );
}

describe.skipIf(!chromiumPath())('training in the page', () => {
  let browser: Browser;
  let server: StaticServer;

  beforeAll(async () => {
    server = await serveFolder(await builtApp());
    browser = await openChromium({ drawing: 'both' });
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it(
    'lowers the loss, is planned, paused and resumed, and its model predicts on Node',
    () =>
      inTemporaryFolder(async (dir) => {
        const names = await writeTinyDataset(dir, { subjects: 4 });
        const app = await App.open(browser, server.url);
        await app.adapter();
        await app.choose('scan-input', ...(await filesOf(join(dir, 'imagesTr'), names)));
        await app.choose(
          'label-input',
          ...(await filesOf(join(dir, 'labelsTr'), names.slice(0, 3))),
        );
        await app.hook('train').scrollIntoViewIfNeeded();
        // What has no partner is named, and the plan stands before the start.
        await app.page.getByText(`Without one: ${names[3]}`).waitFor();
        const plan = app.hook('train-plan');
        await plan.getByText(/A step takes .* of GPU memory/).waitFor();
        await plan.getByText('2 scans train, 1 validate').waitFor();
        await app.hook('train-steps').fill('60');
        await app.page.getByLabel('Training patch size').first().fill('8');
        await app.page.getByLabel('Training patch size').nth(1).fill('8');
        await app.page.getByLabel('Training patch size').nth(2).fill('8');
        await plan.getByText('Patches of 8 × 8 × 8 voxels').waitFor();

        await app.hook('train').click();
        await app.hook('loss').filter({ hasText: /\d/ }).waitFor();
        const first = Number(await app.text('loss'));
        await app.hook('pause').click();
        await app.statusMatches(/^paused$/);
        const held = await app.text('train-note');
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(await app.text('train-note')).toBe(held);
        const end = await app.outcome(() => app.hook('resume').click());
        expect(end).toEqual({ state: 'done', text: 'done' });
        expect(Number(await app.text('loss'))).toBeLessThan(first);

        const { name, bytes } = await app.download('save-model');
        expect(name).toMatch(/^model_\d{4}-.*\.safetensors$/);
        const model = decodeModel(bytes);
        expect(model.classNames).toEqual(['background', 'foreground']);
        const image = join(dir, 'imagesTr', `${names[3]}.nii.gz`);
        const out = join(dir, 'predictions');
        const images = new Map([[names[3]!, image]]);
        expect((await predictFiles({ gpu: await testGpu(), model, images, out })).length).toBe(1);

        // The new model is the page's at once.
        await app.hook('use-model').click();
        await app.page.locator('#model-panel').getByText(name).waitFor();
        expect(app.record.complaints).toEqual([]);
        expect(app.record.foreign(new URL(server.url).origin)).toEqual([]);
        await app.close();
      }),
    300_000,
  );

  it(
    'stops with the best model so far, and says why files cannot be trained on',
    () =>
      inTemporaryFolder(async (dir) => {
        const names = await writeTinyDataset(dir, { subjects: 3 });
        const app = await App.open(browser, server.url);
        await app.adapter();
        const images = await filesOf(join(dir, 'imagesTr'), names);
        await app.choose('scan-input', ...images);
        // Images in place of label maps.
        await app.choose('label-input', ...images);
        await app.hook('train').click();
        await app.statusMatches(/the training failed: .*no whole number/);
        const labels = await filesOf(join(dir, 'labelsTr'), names);
        await app.choose('label-input', ...labels);
        await app.hook('train-steps').fill('100000');
        await app.hook('train').click();
        await app.hook('train-dice').filter({ hasText: /epoch/ }).waitFor();
        await app.hook('stop').click();
        await app.statusMatches(/training stopped/);
        expect(decodeModel((await app.download('save-model')).bytes).classNames.length).toBe(2);
        await app.close();
      }),
    300_000,
  );
});
