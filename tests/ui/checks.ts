/** What a person would try on the page of `voxgrad ui`. */
import assert from 'node:assert/strict';
import { decode } from 'fast-png';
import type { Locator, Page } from 'playwright-core';
import { type SampleRuns, trainSlowly, unreadableScan } from './sample_runs.ts';

export interface Context {
  readonly page: Page;
  readonly url: string;
  readonly sample: SampleRuns;
  /** Keeps a picture of the page. */
  readonly picture: (name: string) => Promise<void>;
}

export type Check = (context: Context) => Promise<void>;

const row = (page: Page, name: string): Locator =>
  page.locator('table.runs tbody tr', { has: page.getByRole('link', { name, exact: true }) });

const chart = (page: Page, title: string): Locator =>
  page.locator('.chart').filter({ hasText: title });

/** Pixels of an element that are clearly coloured, neither grey nor the crosshair's blue. */
async function colouredPixels(element: Locator): Promise<number> {
  const { data, channels } = decode(await element.screenshot());
  let count = 0;
  for (let n = 0; n < data.length; n += channels) {
    const [red, green, blue] = [data[n]!, data[n + 1]!, data[n + 2]!];
    if (Math.max(red, green) - blue > 15) count++;
  }
  return count;
}

async function openRun({ page, url }: Context, name: string): Promise<void> {
  await page.goto(`${url}#/run/${name}`);
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

async function openCase(page: Page, name: string): Promise<void> {
  await page.locator(`[data-case="${name}"] >> nth=0`).click();
  await page.locator(`.browser[data-case="${name}"]`).waitFor({ timeout: 60_000 });
}

export const CHECKS: Readonly<Record<string, Check>> = {
  async 'runs are listed, a damaged one with its error'({ page, url }) {
    await page.goto(url);
    await row(page, 'first').getByText('finished').waitFor();
    const broken = page.locator('tr[data-state="damaged"]');
    assert.match((await broken.textContent()) ?? '', /history\.json.*no readable JSON/);
    assert.equal(await page.locator('#connection').textContent(), 'live');
  },

  async 'two runs are selected by keyboard, and lie over each other'({ page, url, picture }) {
    await page.goto(url);
    for (const name of ['first', 'second']) {
      const box = page.getByRole('checkbox', { name: `Compare ${name}` });
      await box.focus();
      if (!(await box.isChecked())) await page.keyboard.press('Space');
      assert.ok(await box.isChecked());
    }
    for (const title of ['Training loss', 'Validation loss', 'Validation Dice', 'Learning rate']) {
      await chart(page, title).locator('.readout span.swatch').nth(1).waitFor();
    }
    const differing = page.locator('table.settings tr.differs');
    await differing.first().waitFor();
    assert.equal(await differing.count(), 1);
    assert.match((await differing.textContent()) ?? '', /training\.learningRate0\.010\.02/);
    await page.getByRole('checkbox', { name: 'also what is the same' }).check();
    assert.ok((await page.locator('table.settings tbody tr').count()) > 10);
    await picture('compare');
  },

  async 'columns sort, and the filter filters'({ page, url }) {
    await page.goto(url);
    await row(page, 'first').waitFor();
    const names = () => page.locator('table.runs tbody th').allTextContents();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    assert.deepEqual(await names(), ['broken', 'first', 'second']);
    await page.getByRole('button', { name: 'Test DSC' }).click();
    assert.deepEqual(await names(), ['first', 'second', 'broken']);
    await page.getByRole('searchbox').fill('sec');
    assert.deepEqual(await names(), ['second']);
  },

  async 'curves grow while a run is written, until it is finished'({ page, url, sample, picture }) {
    await page.goto(url);
    const training = trainSlowly(sample, 500);
    const live = row(page, 'live');
    await live.getByText(/running/).waitFor();
    await page.getByRole('checkbox', { name: 'Compare live' }).check();
    const seen = new Set<string>();
    const read = async () =>
      seen.add((await chart(page, 'Training loss').getAttribute('aria-label')) ?? '');
    const deadline = Date.now() + 60_000;
    while (!(await live.getByText('finished').isVisible()) && Date.now() < deadline) {
      await read();
      await page.waitForTimeout(100);
    }
    await training;
    assert.ok(seen.size >= 4, `the loss was read out in ${seen.size} states`);
    assert.match((await live.textContent()) ?? '', /finished.*15 \/ 15/);
    await picture('live');
  },

  async 'a run shows its evaluation and its figures'(context) {
    const { page } = context;
    await openRun(context, 'second');
    const table = page.locator('table.evaluation');
    await table.waitFor();
    assert.equal(await table.locator('tbody tr').count(), 3);
    assert.match((await table.locator('tfoot').textContent()) ?? '', /mean ± std0\.\d{3} ± /);
    const figure = page.getByRole('img', { name: 'training' });
    await figure.scrollIntoViewIfNeeded();
    await page.waitForFunction(
      () => (document.querySelector('.figures img') as HTMLImageElement).naturalWidth > 0,
    );
  },

  async 'the worst case opens with ground truth and prediction'(context) {
    const { page, picture } = context;
    await openRun(context, 'second');
    const cases = page.locator('[data-case] .case-name');
    await cases.first().waitFor();
    const dice = await page.locator('.cases .number').allTextContents();
    const measured = dice.filter((text) => text !== '').map(Number);
    assert.deepEqual(
      measured,
      [...measured].sort((a, b) => a - b),
    );
    assert.equal(measured.length, 3);
    await openCase(page, (await cases.first().textContent())!);
    const canvas = page.locator('.stage canvas');
    assert.match((await canvas.getAttribute('aria-label')) ?? '', /ground truth, prediction$/);
    const both = await colouredPixels(canvas);
    assert.ok(both > 1000, `${both} coloured pixels`);
    await picture('viewer');
    await page.getByRole('checkbox', { name: 'Prediction' }).uncheck();
    const truth = await colouredPixels(canvas);
    await page.getByRole('checkbox', { name: 'Ground truth' }).uncheck();
    const none = await colouredPixels(canvas);
    assert.ok(truth > none && both > truth, `${both}, ${truth}, ${none} coloured pixels`);
    assert.ok(none < both / 50, `${none} coloured pixels without overlays`);
    await page.getByRole('checkbox', { name: 'Prediction' }).check();
    const slider = page.getByRole('slider', { name: 'Opacity of prediction' });
    await slider.focus();
    await page.keyboard.press('Home');
    assert.ok((await colouredPixels(canvas)) < both / 50, 'opacity 0 hides a prediction');
    await page.keyboard.press('End');
    assert.ok((await colouredPixels(canvas)) > 1000, 'opacity 1 shows it');
    await page.getByRole('button', { name: '3D' }).click();
    await page.waitForTimeout(500);
    assert.ok((await colouredPixels(canvas)) > 100, 'in 3D too');
    await picture('viewer_3d');
  },

  async 'a scan that cannot be read says so, and the next one opens'(context) {
    const { page, sample } = context;
    await openRun(context, 'first');
    await page.locator(`[data-case="${await unreadableScan(sample)}"]`).click();
    await page.getByText(/cannot be shown/).waitFor();
    await openCase(page, (await page.locator('.case-name').first().textContent())!);
    assert.ok(await page.locator('.viewer-message').isHidden());
  },

  async 'everything that can be used has a name'(context) {
    const { page } = context;
    await openRun(context, 'first');
    await openCase(page, (await page.locator('.case-name').first().textContent())!);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('a, button, input, canvas, img')]
        .filter((part) => {
          if (part.closest('[aria-hidden="true"]')) return false;
          const named = [part, ...part.querySelectorAll('img')];
          const labels = [...((part as HTMLInputElement).labels ?? [])];
          const texts = [
            ...named.flatMap((it) => [it.getAttribute('aria-label'), it.getAttribute('alt')]),
            ...[part, ...labels].map((it) => it.textContent),
          ];
          return !texts.some((text) => text?.trim());
        })
        .map((part) => part.outerHTML),
    );
    assert.deepEqual(nameless, []);
  },

  async 'a window of a phone needs no sideways scrolling, in the dark'(context) {
    const { page, url, picture } = context;
    await page.setViewportSize({ width: 390, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const address of [url, `${url}#/run/first`]) {
      await page.goto(address);
      await page.locator('.chart').first().waitFor();
      await page.waitForTimeout(500);
      const [needed, there] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      assert.ok(needed! <= there!, `${address} is ${needed} wide in ${there}`);
    }
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.match(background, /rgb\((\d|[1-4]\d), /);
    await picture('phone');
  },
};
