/**
 * `npm run train-check -- --data DIR [--scans N] [--steps N] [--lose-device] [--pictures DIR]`: a training of the
 * application in a real browser on scans of a Decathlon folder; its model segments the others on Node.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { labelledEvaluationText } from '../../src/index.ts';
import { decodeModel, evaluateFiles, openGpu, predictFiles } from '../../src/node.ts';
import { openChromium } from '../helpers/chromium.ts';
import { builtApp } from './built_app.ts';
import { App, type TestFile } from './driver.ts';
import { serveFolder } from './static_server.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    scans: { type: 'string', default: '8' },
    steps: { type: 'string', default: '60' },
    'lose-device': { type: 'boolean', default: false },
    pictures: { type: 'string' },
  },
});
const { data, pictures } = values;
if (data === undefined) throw new Error('train-check: name a Decathlon folder with --data.');
const names = (await readdir(join(data, 'labelsTr')))
  .filter((name) => /^[^.].*\.nii\.gz$/.test(name))
  .sort();
const trained = names.slice(0, Number(values.scans));
const others = names.slice(trained.length, trained.length + 4);

const filesOf = (folder: string, of: readonly string[]): Promise<TestFile[]> =>
  Promise.all(of.map(async (name) => ({ name, bytes: await readFile(join(data, folder, name)) })));

async function takePictures(app: App, folder: string, moment: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const before = app.page.viewportSize()!;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, width, height] of [
      ['desktop', 1280, 900],
      ['phone', 390, 844],
    ] as const) {
      await app.page.emulateMedia({ colorScheme });
      await app.page.setViewportSize({ width, height });
      await app.page.waitForTimeout(500);
      const path = join(folder, `train_${moment}_${size}_${colorScheme}.png`);
      await app.page.locator('#train').screenshot({ path });
    }
  }
  await app.page.emulateMedia({ colorScheme: 'light' });
  await app.page.setViewportSize(before);
}

/** Trains in the page; gives the model file. */
async function train(browser: Browser, url: string): Promise<Uint8Array> {
  const app = await App.open(browser, url, { timeout: 540_000 });
  console.log(`adapter: ${await app.adapter()}`);
  await app.choose('scan-input', ...(await filesOf('imagesTr', trained)));
  await app.choose('label-input', ...(await filesOf('labelsTr', trained)));
  await app.hook('train').scrollIntoViewIfNeeded();
  await app.hook('train-plan').getByText('GPU memory').waitFor();
  console.log((await app.hook('train-plan').locator('p').allTextContents()).join(' '));
  if (pictures !== undefined) await takePictures(app, pictures, 'planned');
  await app.hook('train-steps').fill(values.steps);
  const started = performance.now();
  let first = Number.NaN;
  const end = await app.outcome(async () => {
    await app.hook('train').click();
    await app.hook('loss').filter({ hasText: /\d/ }).waitFor();
    first = Number(await app.text('loss'));
    if (pictures === undefined && !values['lose-device']) return;
    await app.hook('train-dice').filter({ hasText: /epoch/ }).waitFor();
    if (pictures !== undefined) await takePictures(app, pictures, 'training');
    if (!values['lose-device']) return;
    const session = await browser.newBrowserCDPSession();
    await session.send('Browser.crashGpuProcess');
    console.log('the GPU process was killed');
  });
  if (end.text !== 'done') throw new Error(`the page says: ${end.text}`);
  const last = Number(await app.text('loss'));
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`loss ${first} -> ${last} in ${seconds} s; ${await app.text('train-note')}`);
  if (!(last < first)) throw new Error('the loss did not fall');
  const foreign = app.record.foreign(new URL(url).origin);
  if (foreign.length > 0) throw new Error(`requests to other origins: ${foreign.join(', ')}`);
  const { name, bytes } = await app.download('save-model');
  console.log(`${name}: ${bytes.length} bytes`);
  await app.close();
  return bytes;
}

const out = await mkdtemp(join(tmpdir(), 'voxgrad-train-'));
try {
  const server = await serveFolder(await builtApp());
  const browser = await openChromium({ drawing: 'both' });
  const bytes = await train(browser, server.url).finally(async () => {
    await browser.close();
    await server.stop();
  });
  const gpu = await openGpu();
  const images = new Map(
    others.map((name) => [name.replace('.nii.gz', ''), join(data, 'imagesTr', name)]),
  );
  const model = decodeModel(bytes);
  await predictFiles({ gpu, model, images, out });
  const pairs = [...images.keys()].map((name) => ({
    name,
    prediction: join(out, `${name}_pred.nii.gz`),
    label: join(data, 'labelsTr', `${name}.nii.gz`),
  }));
  const evaluation = await evaluateFiles({ pairs, binary: false });
  console.log(labelledEvaluationText(evaluation));
  gpu.destroy();
} finally {
  await rm(out, { recursive: true, force: true });
}
