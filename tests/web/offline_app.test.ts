import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { readNifti } from '../../src/io/nifti.ts';
import { writeNifti } from '../../src/io/nifti_write.ts';
import { volume } from '../../src/io/volume.ts';
import { serveWeb } from '../../src/node/web/serve_web.ts';
import { Rng } from '../../src/rng.ts';
import { chromiumPath, openChromium } from '../helpers/chromium.ts';
import { identityModelFile } from '../helpers/identity_model.ts';
import { builtApp } from './built_app.ts';
import { App, type TestFile } from './driver.ts';
import { serveFolder } from './static_server.ts';

const values = Float32Array.from(
  { length: 12 * 10 * 8 },
  (
    (rng) => () =>
      rng.uniform() - 0.5
  )(Rng.seed(3)),
);
const scan: TestFile = {
  name: 'case.nii.gz',
  bytes: writeNifti(volume(values, [1, 12, 10, 8], identityAffine())),
};
const model: TestFile = { name: 'model.safetensors', bytes: identityModelFile() };

/** Segments the scan and checks what comes out, voxel by voxel. */
async function segmentIn(app: App): Promise<void> {
  await app.adapter();
  await app.choose('model-input', model);
  await app.choose('scan-input', scan);
  await app.segment();
  const { name, bytes } = await app.download();
  expect(name).toBe('case_pred.nii.gz');
  const { data } = readNifti(bytes);
  expect(Array.from(data)).toEqual(
    Array.from(readNifti(scan.bytes).data, (value) => (value > 0 ? 1 : 0)),
  );
}

describe.runIf(chromiumPath())('the built application', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    [folder, browser] = await Promise.all([builtApp(), openChromium({ drawing: 'both' })]);
  });
  afterAll(() => browser.close());

  it('segments after a first load without its server, from any folder of any host', async () => {
    const server = await serveFolder(folder);
    const app = await App.open(browser, server.url);
    await app.page.evaluate(() => navigator.serviceWorker.ready);
    await server.stop();
    await app.page.reload();
    await segmentIn(app);
    expect(app.record.foreign(new URL(server.url).origin)).toEqual([]);
    expect(app.record.complaints).toEqual([]);
    await app.close();
  });

  it('segments under the policy of its own server, without a complaint', async () => {
    const server = await serveWeb({ page: folder, port: 0 });
    const app = await App.open(browser, server.url);
    expect(await app.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await segmentIn(app);
    expect(app.record.complaints).toEqual([]);
    await app.close();
    await server.close();
  });
});
