import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { volume } from '../../src/io/volume.ts';
import type { Module } from '../../src/nn/module.ts';
import { readNiftiFile, writeNiftiFile } from '../../src/node/nifti_file.ts';
import {
  type PatchInferenceOptions,
  patchInference,
  predictionName,
} from '../../src/node/patch_inference.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { inferScan } from '../../src/train/patch_inference.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

const NAMES = ['b.nii.gz', 'a.nii', 'c.nii.gz'];
const config = patchConfig({
  patchSize: [8, 8, 8],
  patchOverlap: 0.5,
  targetSpacing: [1, 1, 1],
  normalization: [{ name: 'ZNormalization', params: {} }],
});
let folder: string;
let paths: string[];
let broken: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxgrad-inference-'));
  paths = NAMES.map((name) => join(folder, name));
  for (const [n, path] of paths.entries()) {
    const shape = [1, 11 + n, 9, 8] as const;
    const scan = volume(randomArray(shape, n), shape, fromSpacing([1, 1, 1 + 0.2 * n]));
    await writeNiftiFile(path, toOrientation(scan, ['RAS', 'LPS', 'PIR'][n]!));
  }
  // A whole header, half of the voxels.
  broken = join(folder, 'broken.nii');
  await writeNiftiFile(broken, volume(new Float32Array(512), [1, 8, 8, 8], fromSpacing([1, 1, 1])));
  await truncate(broken, 1400);
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

async function withNetwork<T>(use: (model: Module) => Promise<T>): Promise<T> {
  const network = toyNetwork(await testGpu(), { outChannels: 3 });
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

const run = (files: readonly string[], options: PatchInferenceOptions = {}) =>
  withNetwork(async (model) =>
    patchInference({ gpu: await testGpu(), model }, config, files, options),
  );

describe('patchInference', () => {
  test('gives each file what inferScan gives its scan, in order, and saves it', async () => {
    const saveDir = join(folder, 'saved');
    const seen: [number, number, string, string][] = [];
    const results = await run(paths, {
      saveDir,
      onProgress: (...progress) => seen.push(progress),
    });
    expect(results.map(({ path }) => path)).toEqual(paths);
    expect((await readdir(saveDir)).sort()).toEqual([
      'a_pred.nii',
      'b_pred.nii.gz',
      'c_pred.nii.gz',
    ]);
    const gpu = await testGpu();
    for (const { path, volume: labels, prediction, seconds } of results) {
      const scan = await readNiftiFile(path);
      const alone = await withNetwork((model) => inferScan(gpu, model, scan, { config }));
      expect(labels).toEqual(alone.labels());
      const saved = await readNiftiFile(prediction!);
      expect(saved.data).toEqual(labels!.data);
      expect(saved.header.datatype).toBe('uint8');
      expect(saved.affine).toEqual(scan.affine);
      expect(seconds!.network).toBeGreaterThan(0);
    }
    expect(seen.at(-1)).toEqual([3, 3, 'c', 'Patch inference']);
    expect(seen.map(([done]) => done)).toEqual(
      seen.map(([done]) => done).toSorted((a, b) => a - b),
    );
  });

  test('gives probabilities where they are asked for, and saves them beside the labels', async () => {
    const saveDir = join(folder, 'probabilities');
    const texts = new Set<string>();
    const [result] = await run([paths[0]!], {
      saveDir,
      returnProbabilities: true,
      tta: ['LR'],
      onProgress: (_done, _total, _name, text) => texts.add(text),
    });
    expect((await readdir(saveDir)).sort()).toEqual(['b_pred.nii.gz', 'b_prob.nii.gz']);
    expect(result!.volume!.shape).toEqual([3, 11, 9, 8]);
    expect((await readNiftiFile(result!.probabilities!)).data).toEqual(result!.volume!.data);
    expect((await readNiftiFile(result!.prediction!)).shape).toEqual([1, 11, 9, 8]);
    expect([...texts]).toEqual(['Patch inference (TTA)']);
    const [light] = await run([paths[0]!], { returnVolumes: false });
    expect(light!.volume).toBeUndefined();
  });

  test('applies the given transforms instead of those of the configuration', async () => {
    const [own] = await run([paths[0]!], { returnProbabilities: true });
    const [same] = await run([paths[0]!], {
      returnProbabilities: true,
      preInferenceTfms: [{ name: 'ZNormalization', params: {} }],
    });
    const [bare] = await run([paths[0]!], { returnProbabilities: true, preInferenceTfms: [] });
    expect(same!.volume).toEqual(own!.volume);
    expect(bare!.volume).not.toEqual(own!.volume);
  });

  test('a file that cannot be read is fatal, or reported and skipped', async () => {
    const [first, second] = paths as [string, string];
    const missing = join(folder, 'missing.nii.gz');
    await expect(run([first, broken])).rejects.toThrow(broken);
    await expect(run([first, missing])).rejects.toThrow(missing);
    const warnings: string[] = [];
    const results = await run([missing, first, broken, second], {
      skipUnreadable: true,
      onWarning: (text) => warnings.push(text),
    });
    expect(results.map(({ name }) => name)).toEqual(['missing', 'b', 'broken', 'a']);
    expect(results.map(({ volume: labels }) => labels !== undefined)).toEqual([
      ...[false, true, false, true],
    ]);
    expect(results[0]!.error).toContain(missing);
    expect(results[2]!.error).toContain(broken);
    expect(warnings).toEqual([expect.stringContaining(missing), expect.stringContaining(broken)]);
  });

  test('nothing is written before a header shows that a file does not fit', async () => {
    const two = join(folder, 'two.nii');
    await writeNiftiFile(two, volume(new Float32Array(1024), [2, 8, 8, 8], fromSpacing([1, 1, 1])));
    const saveDir = join(folder, 'none');
    await expect(run([paths[0]!, two], { saveDir, inChannels: 1 })).rejects.toThrow(
      /two\.nii: .*2 channels, the model reads 1/,
    );
    const noImage = join(folder, 'text.nii.gz');
    await writeFile(noImage, 'no image');
    await expect(run([paths[0]!, noImage], { saveDir })).rejects.toThrow(noImage);
    await expect(run([paths[0]!, paths[0]!], { saveDir })).rejects.toThrow('one name');
    expect(await readdir(folder)).not.toContain('none');
  });

  test('a scan that does not fit the budget is named before the first is segmented', async () => {
    const large = join(folder, 'large.nii');
    const shape = [1, 20, 120, 120] as const;
    await writeNiftiFile(large, volume(new Float32Array(288_000), shape, fromSpacing([1, 1, 1])));
    const saveDir = join(folder, 'budget');
    const gpuBytes = 1.2e6;
    const [small] = await run([paths[0]!], { gpuBytes });
    expect(small!.volume).toBeDefined();
    await expect(run([paths[0]!, large], { saveDir, gpuBytes })).rejects.toThrow(
      /large\.nii: .* over \[20,120,120\] voxels take .* Got gpuBytes 1200000/,
    );
    expect(await readdir(folder)).not.toContain('budget');
  });

  test('stops when it is aborted, with whole files only', async () => {
    const stop = new AbortController();
    const saveDir = join(folder, 'stopped');
    const running = run(paths, {
      saveDir,
      signal: stop.signal,
      onProgress: (done) => {
        if (done > 1) stop.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(await readdir(saveDir)).toEqual(['b_pred.nii.gz']);
  });
});

test.each([
  ['x/scan.nii.gz', 'scan_pred.nii.gz'],
  ['x/scan.nii', 'scan_pred.nii'],
  ['x/scan.hdr', 'scan_pred.nii.gz'],
  ['x/scan', 'scan_pred.nii.gz'],
])('the prediction of %s is %s', (path, name) => {
  expect(predictionName(path, 'pred')).toBe(name);
});
