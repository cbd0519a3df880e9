import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { decode } from 'fast-png';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { volume, writeNifti } from '../../src/index.ts';
import { chromiumPath } from '../helpers/chromium.ts';
import { buildSmallPage, type SmallPage } from './small_page.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const MAIN = `
import ${JSON.stringify(path('web/app/style.css'))};
import ${JSON.stringify(path('web/app/app.css'))};
import ${JSON.stringify(path('web/app/viewer/viewer.css'))};
import { createViewer } from ${JSON.stringify(path('web/app/viewer/scan_viewer.ts'))};
const file = ({ name, base64 }) => ({
  name, file: new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]) });
const heard = [];
const viewer = createViewer(document.querySelector('#viewer'), {
  onColours: (colours) => heard.push(Object.fromEntries(colours)) });
const kept = new Map();
const named = (given) => {
  if (!given) return undefined;
  if (!kept.has(given.base64)) kept.set(given.base64, file(given));
  return kept.get(given.base64);
};
Object.assign(globalThis, { heard, viewer, show: (scan) => viewer.show(scan && {
  ...scan, image: named(scan.image), prediction: named(scan.prediction), groundTruth: named(scan.groundTruth) }) });`;
const BODY =
  '<main><div class="steps"></div><section class="viewer card" id="viewer" aria-label="Viewer"></section></main>';

interface Given {
  readonly name: string;
  readonly base64: string;
}

declare const show: (scan?: {
  name: string;
  image: Given;
  prediction?: Given;
  groundTruth?: Given;
  classes: { value: number; name: string }[];
}) => void;
declare const heard: Record<number, string>[];
declare const viewer: { dispose(): void };

/** Axes of the file point to L, P and S. */
const AFFINE = [-2, 0, 0, 30, 0, -2, 0, 40, 0, 0, 2, -10, 0, 0, 0, 1];
const SIZE = 24;

function nifti(name: string, value: (i: number, j: number, k: number) => number): Given {
  const data = new Float32Array(SIZE ** 3);
  let n = 0;
  for (let i = 0; i < SIZE; i++) {
    for (let j = 0; j < SIZE; j++) for (let k = 0; k < SIZE; k++) data[n++] = value(i, j, k);
  }
  const bytes = writeNifti(volume(data, [1, SIZE, SIZE, SIZE], AFFINE));
  return { name, base64: Buffer.from(bytes).toString('base64') };
}

const box = (low: number, high: number) => (i: number, j: number, k: number) =>
  [i, j, k].every((index) => index >= low && index < high);
const scan = nifti('scan.nii.gz', (i, j, k) => 100 + 3 * i + 2 * j + k);
const inner = box(6, 16);
const predicted = nifti('scan_pred.nii.gz', (i, j, k) => (inner(i, j, k) ? (i < 8 ? 1 : 2) : 0));
const truth = nifti('scan_label.nii.gz', (i, j, k) => (box(6, 15)(i, j, k) ? (i < 8 ? 1 : 2) : 0));
const CLASSES = [
  { value: 1, name: 'left part' },
  { value: 2, name: 'right part' },
];
const WHOLE = {
  name: 'scan',
  image: scan,
  prediction: predicted,
  groundTruth: truth,
  classes: CLASSES,
};

/** Pixels that are neither grey nor of the crosshair's blue or the letters' amber. */
async function pixels(
  element: Locator,
  isWanted: (rgb: readonly [number, number, number]) => boolean,
) {
  const { data, channels } = decode(await element.screenshot());
  let count = 0;
  for (let n = 0; n < data.length; n += channels) {
    if (isWanted([data[n]!, data[n + 1]!, data[n + 2]!])) count++;
  }
  return count;
}
const isOrange = ([r, g, b]: readonly [number, number, number]) => r > b + 60 && r > g + 25;
const isBright = ([r, g, b]: readonly [number, number, number]) => r > 80 && g > 80 && b > 80;

describe.skipIf(!chromiumPath())('createViewer, in Chromium', () => {
  let host: SmallPage;
  beforeAll(async () => {
    host = await buildSmallPage(MAIN, BODY);
  });
  afterAll(() => host?.close());

  async function open(options: BrowserContextOptions = {}) {
    const { page, record } = await host.open({
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    page.setDefaultTimeout(60_000);
    const canvas = page.locator('.viewer-stage canvas');
    const shown = async () => {
      await page.locator('[data-viewer="shown"]').waitFor();
      await page.waitForTimeout(400);
    };
    const readout = async () =>
      (await page.getByTestId('crosshair').locator('> span').allTextContents()).join(' ');
    return { page, record, canvas, shown, readout };
  }

  const finish = async (page: Page) => page.context().close();

  it('NiiVue is loaded with the first scan, and nothing from elsewhere', async () => {
    const { page, record, shown } = await open();
    await page.waitForTimeout(300);
    const before = record.requests.length;
    expect(record.requests.some((url) => /stage|prepare_worker/.test(url))).toBe(false);
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    expect(record.requests.slice(before).some((url) => /stage/.test(url))).toBe(true);
    expect(record.foreign(new URL(host.url).origin)).toEqual([]);
    expect(record.complaints).toEqual([]);
    await finish(page);
  });

  it('draws labels over the scan, as opaque as wanted, as areas or lines, class by class', async () => {
    const { page, canvas, shown } = await open();
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    expect(await pixels(canvas, isBright)).toBeGreaterThan(2000);
    await page.getByRole('button', { name: 'Coronal' }).click();
    await page.waitForTimeout(300);
    const filled = await pixels(canvas, isOrange);
    expect(filled).toBeGreaterThan(2000);
    await page.getByRole('checkbox', { name: 'outlines' }).check();
    await page.waitForTimeout(300);
    const lines = await pixels(canvas, isOrange);
    expect(lines).toBeGreaterThan(200);
    expect(lines).toBeLessThan(filled / 3);
    await page.getByRole('checkbox', { name: 'outlines' }).uncheck();
    await page.getByRole('checkbox', { name: 'Show left part' }).uncheck();
    await page.waitForTimeout(400);
    expect(await pixels(canvas, isOrange)).toBeLessThan(filled / 20);
    await page.getByRole('button', { name: 'all', exact: true }).click();
    await page.waitForTimeout(400);
    expect(Math.abs((await pixels(canvas, isOrange)) - filled)).toBeLessThan(filled / 20);
    const slider = page.getByRole('slider', { name: 'Opacity' });
    await slider.focus();
    await page.keyboard.press('Home');
    await page.waitForTimeout(300);
    expect(await pixels(canvas, isOrange)).toBeLessThan(filled / 20);
    await finish(page);
  });

  it('lists volumes, and what was predicted too much or missed', async () => {
    const { page, shown } = await open();
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    const volumes = () => page.locator('.viewer-classes li').allInnerTexts();
    const words = (await volumes()).map((text) => text.replace(/\s+/g, ' ').trim());
    expect(words).toEqual(['left part 1.60 ml', 'right part 6.40 ml']);
    await page.getByRole('button', { name: 'Differences' }).click();
    await page.getByText('missed').waitFor();
    const compared = (await volumes()).map((text) => text.replace(/\s+/g, ' ').trim());
    expect(compared).toEqual([
      'same in both 5.83 ml',
      'only predicted 2.17 ml',
      'missed 0 ml',
      'another class 0 ml',
    ]);
    await finish(page);
  });

  it('keys move the crosshair; millimetres, voxel, value and classes are told', async () => {
    const { page, canvas, shown, readout } = await open();
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    await page.getByRole('button', { name: 'right part' }).click();
    const place = async () => {
      const text = await readout();
      const voxel = /voxel (\d+), (\d+), (\d+)/.exec(text)!.slice(1).map(Number);
      const mm = /mm (-?[\d.]+), (-?[\d.]+), (-?[\d.]+)/.exec(text)!.slice(1).map(Number);
      return { text, voxel, mm };
    };
    const first = await place();
    const [i, j, k] = first.voxel as [number, number, number];
    expect(first.mm).toEqual([30 - 2 * i, 40 - 2 * j, -10 + 2 * k]);
    expect(first.text).toContain(`value ${100 + 3 * i + 2 * j + k}`);
    expect(first.text).toMatch(/Prediction right part Ground truth right part/);
    await canvas.focus();
    for (const key of ['ArrowRight', 'ArrowUp', 'PageUp']) await page.keyboard.press(key);
    await expect.poll(async () => (await place()).voxel).toEqual([i - 1, j - 1, k + 1]);
    await page.keyboard.press('Shift+PageDown');
    await expect.poll(async () => (await place()).voxel[2]).toBe(Math.max(0, k + 1 - 10));
    await page.keyboard.press('3');
    expect(await page.getByRole('button', { name: 'Coronal' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    expect(await canvas.getAttribute('aria-label')).toBe('scan, Coronal, Prediction');
    const description = page.locator(`#${await canvas.getAttribute('aria-describedby')}`);
    expect(await description.textContent()).toMatch(/Crosshair at .* millimetres .* Prediction: /);
    await finish(page);
  });

  it('the view stays when the prediction comes, and colours are told', async () => {
    const { page, shown, readout } = await open();
    const { prediction, ...without } = WHOLE;
    await page.evaluate((given) => show(given), { ...without });
    await shown();
    await page.getByRole('button', { name: 'Sagittal' }).click();
    await page.locator('.viewer-stage canvas').focus();
    await page.keyboard.press('Shift+ArrowUp');
    const before = /voxel [\d, ]+\d/.exec(await readout())![0];
    await page.evaluate((given) => show(given), { ...without, prediction });
    await page.getByRole('button', { name: 'Prediction' }).waitFor();
    expect(await readout()).toContain(before);
    expect(await page.getByRole('button', { name: 'Sagittal' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    const colour = page.getByLabel('Colour of left part');
    await colour.fill('#112233');
    expect(await page.evaluate(() => heard.at(-1))).toMatchObject({ 1: '#112233' });
    await finish(page);
  });

  it('says what cannot be drawn, and draws the next scan', async () => {
    const { page, shown } = await open();
    const broken = { name: 'broken.nii', base64: Buffer.from('no image').toString('base64') };
    await page.evaluate((given) => show(given), { name: 'broken', image: broken, classes: [] });
    await page.getByText(/broken cannot be drawn: /).waitFor();
    await page.evaluate((given) => show(given), {
      ...WHOLE,
      groundTruth: { ...scan, name: 'truth.nii', base64: broken.base64 },
    });
    await shown();
    await page.locator('.viewer-problem').filter({ hasText: 'readNifti' }).waitFor();
    await page.evaluate(() => show(undefined));
    await page.getByText('The selected scan is drawn here.').waitFor();
    await finish(page);
  });

  it('a lost graphics context is told, and the scan drawn again; dispose frees it', async () => {
    const { page, shown, canvas } = await open();
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    await canvas.evaluate((element: HTMLCanvasElement) =>
      element.getContext('webgl2')!.getExtension('WEBGL_lose_context')!.loseContext(),
    );
    await page.getByRole('button', { name: 'Draw it again' }).click();
    await expect.poll(() => pixels(canvas, isBright)).toBeGreaterThan(2000);
    const handle = (await canvas.elementHandle())!;
    await page.evaluate(() => viewer.dispose());
    await expect
      .poll(() =>
        handle.evaluate((element) =>
          (element as HTMLCanvasElement).getContext('webgl2')!.isContextLost(),
        ),
      )
      .toBe(true);
    await finish(page);
  });

  it('without WebGL 2 the panel says so', async () => {
    const { page } = await open();
    await page.evaluate(() => {
      HTMLCanvasElement.prototype.getContext = () => null;
    });
    await page.evaluate((given) => show(given), WHOLE);
    await page.getByText(/this browser has no WebGL 2/).waitFor();
    await finish(page);
  });

  it.each(['light', 'dark'] as const)('nothing is amiss for axe, %s', async (colorScheme) => {
    const { page, shown } = await open({ colorScheme, bypassCSP: true });
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    await page.getByText('Keys and mouse').click();
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: {
          run(root: Element): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
      };
      const { violations } = await axe.run(document.querySelector('#viewer')!);
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(found).toEqual([]);
    await finish(page);
  });

  it('a window of a phone gets one plane, and needs no sideways scrolling', async () => {
    const { page, shown } = await open({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
    });
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    expect(await page.getByRole('button', { name: 'Axial' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    const [needed, there] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
    ]);
    expect(needed).toBeLessThanOrEqual(there!);
    await finish(page);
  });

  it('saves what is seen as PNG', async () => {
    const { page, shown } = await open();
    await page.evaluate((given) => show(given), WHOLE);
    await shown();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save picture' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('scan.png');
    await finish(page);
  });
});
