import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterFacts } from '../src/browser/adapter_facts.ts';
import type { ModelFacts, Segmentation } from '../src/browser/protocol.ts';
import { fromSpacing } from '../src/io/affine.ts';
import { writeNifti } from '../src/io/nifti.ts';
import { volume } from '../src/io/volume.ts';
import { openGpu } from '../src/node/dawn.ts';
import { predictFiles } from '../src/node/predict_files.ts';
import { writeWholeFile } from '../src/node/whole_file.ts';
import { decodeModel } from '../src/train/checkpoint.ts';
import { chromiumPath, openChromium } from './helpers/chromium.ts';
import { identityModelFile } from './helpers/identity_model.ts';
import { type StaticServer, serveFolder } from './web/static_server.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What the page of the test does; the functions run in the browser. */
const PAGE_SCRIPT = `
import { VoxgradWorker } from ${JSON.stringify(source('../src/index.ts'))};
const engineOf = (file = './worker.js') => VoxgradWorker.open(new Worker(file, { type: 'module' }), { startSeconds: 60 });
const fetched = async (name) => (await fetch('./' + name)).blob();
globalThis.segment = async () => {
  using engine = await engineOf();
  const model = await engine.loadModel(await fetched('model.safetensors'));
  const job = engine.segment(await fetched('scan.nii.gz'), { name: 'scan.nii.gz' });
  const stages = [];
  for await (const { stage } of job) if (stages.at(-1) !== stage) stages.push(stage);
  const { file, ...facts } = await job.result;
  const bytes = [...new Uint8Array(await file.arrayBuffer())];
  return { adapter: engine.adapter, model, stages, facts, bytes };
};
globalThis.cancel = async () => {
  using engine = await engineOf();
  await engine.loadModel(await fetched('model.safetensors'));
  const scan = await fetched('scan.nii.gz');
  const controller = new AbortController();
  const job = engine.segment(scan, { name: 'scan', signal: controller.signal, patchSize: [2, 2, 2] });
  let patches;
  for await (const { stage, done, total } of job) {
    if (stage === 'predicting' && done > 0) { patches = total; controller.abort(); }
  }
  const reason = await job.result.catch((error) => error.name);
  const next = await engine.segment(scan, { name: 'next' }).result;
  return { patches, reason, next: next.fileName };
};
globalThis.failure = async (file) => {
  try { await engineOf(file); return 'none'; } catch (error) { return error.name + ': ' + error.message; }
};`;

function scanBytes(): Uint8Array<ArrayBuffer> {
  const data = Float32Array.from({ length: 13 * 9 * 17 }, (_, n) => Math.sin(n / 5));
  const scan = volume(data, [1, 13, 9, 17], fromSpacing([1, 2, 0.5], [5, -3, 8]));
  return writeNifti(scan) as Uint8Array<ArrayBuffer>;
}

/** A host with the page, the worker, one that is none, a model and a scan; and what Node makes of them. */
async function prepare(folder: string): Promise<Buffer> {
  const options = { bundle: true, format: 'esm', minify: true, target: 'es2022' } as const;
  await writeWholeFile(
    join(folder, 'index.html'),
    '<!doctype html><script type=module src=page.js></script>',
  );
  await writeWholeFile(join(folder, 'other.js'), 'throw new Error("not what was expected")');
  await build({
    ...options,
    stdin: { contents: PAGE_SCRIPT, resolveDir: folder, loader: 'js' },
    outfile: join(folder, 'page.js'),
  });
  await build({
    ...options,
    entryPoints: [source('../src/worker.ts')],
    outfile: join(folder, 'worker.js'),
  });
  const model = identityModelFile();
  const image = join(folder, 'scan.nii.gz');
  await writeWholeFile(join(folder, 'model.safetensors'), model);
  await writeWholeFile(image, scanBytes());
  const gpu = await openGpu();
  const out = join(folder, 'out');
  await predictFiles({ gpu, model: decodeModel(model), images: new Map([['scan', image]]), out });
  gpu.destroy();
  return readFile(join(out, 'scan_pred.nii.gz'));
}

describe.runIf(chromiumPath())('voxgrad/worker in a browser', () => {
  let folder: string;
  let browser: Browser;
  let server: StaticServer;
  let page: Page;
  let expected: Buffer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'voxgrad-worker-'));
    expected = await prepare(folder);
    server = await serveFolder(folder);
    browser = await openChromium({ drawing: 'compute' });
    page = await browser.newPage();
    await page.goto(server.url);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  it('segments a scan to the bytes that `predict` writes', async () => {
    const { adapter, model, stages, facts, bytes } = (await page.evaluate('segment()')) as {
      adapter: AdapterFacts;
      model: ModelFacts;
      stages: string[];
      facts: Omit<Segmentation, 'file'>;
      bytes: number[];
    };
    expect(adapter).toMatchObject({ vendor: 'google', software: true });
    expect(model).toMatchObject({ classNames: ['background', 'object'], binary: true });
    expect(stages).toEqual(['reading', 'preparing', 'compiling', 'predicting', 'writing']);
    expect(facts).toMatchObject({ fileName: 'scan_pred.nii.gz', warnings: [] });
    const voxels = gunzipSync(Uint8Array.from(bytes));
    expect(voxels.equals(gunzipSync(expected))).toBe(true);
  });

  it('is free for the next scan soon after an abort', async () => {
    const { patches, reason, next } = (await page.evaluate('cancel()')) as {
      patches: number;
      reason: string;
      next: string;
    };
    expect(patches).toBeGreaterThan(100);
    expect(reason).toBe('AbortError');
    expect(next).toBe('next_pred.nii.gz');
  });

  it('says that a worker did not start, whatever the page was built with', async () => {
    expect(await page.evaluate("failure('./missing.js')")).toMatch(/^WorkerError: .*did not load/);
    expect(await page.evaluate("failure('./other.js')")).toMatch(
      /^WorkerError: .*not what was expected/,
    );
  });

  it('says what to do where the browser offers no adapter', async () => {
    const without = await openChromium({ drawing: 'webgl' });
    try {
      const other = await without.newPage();
      await other.goto(server.url);
      expect(await other.evaluate('failure()')).toMatch(/^GpuError: openGpu: .*Chrome/);
    } finally {
      await without.close();
    }
  });
});
