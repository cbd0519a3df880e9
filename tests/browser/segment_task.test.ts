import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Segmentation, SegmentSettings } from '../../src/browser/protocol.ts';
import { VoxgradWorker } from '../../src/browser/worker_client.ts';
import { ConfigError, FormatError, GpuMemoryError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { readNifti, writeNifti } from '../../src/io/nifti.ts';
import { type Affine, volume } from '../../src/io/volume.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { predictFiles } from '../../src/node/predict_files.ts';
import { writeWholeFile } from '../../src/node/whole_file.ts';
import { type PartialPatchConfig, patchConfig } from '../../src/patch/patch_config.ts';
import { decodeModel } from '../../src/train/checkpoint.ts';
import { exportLearner } from '../../src/train/load_learner.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { voxgradWorker } from '../helpers/fake_worker.ts';
import { testGpu } from '../helpers/gpu.ts';
import { identityModelFile } from '../helpers/identity_model.ts';
import { randomArray } from '../helpers/random.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

/** Axes LPS, turned by 0.2 about the third, voxels of 1 x 2 x 0.5 mm. */
const OBLIQUE: Affine = [
  ...[-Math.cos(0.2), -2 * Math.sin(0.2), 0, 30],
  ...[Math.sin(0.2), -2 * Math.cos(0.2), 0, -12],
  ...[0, 0, 0.5, 4],
  ...[0, 0, 0, 1],
];

function scanBytes(affine: Affine = OBLIQUE, channels = 1): Uint8Array<ArrayBuffer> {
  const [I, J, K] = [13, 9, 17];
  const data = Float32Array.from({ length: channels * I * J * K }, (_, n) => Math.sin(n / 5));
  return writeNifti(volume(data, [channels, I, J, K], affine)) as Uint8Array<ArrayBuffer>;
}

async function segment(
  scan: Uint8Array<ArrayBuffer>,
  settings: Partial<SegmentSettings> = {},
  model: Uint8Array = identityModelFile(),
): Promise<Segmentation> {
  using engine = await VoxgradWorker.open(voxgradWorker());
  await engine.loadModel(model);
  const job = engine.segment(new Blob([scan]), { name: 'scan.nii.gz', ...settings });
  return await job.result;
}

const bytesOf = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

describe('the file', () => {
  const configs: [string, PartialPatchConfig][] = [
    ['as the scan is', {}],
    [
      'resampled, normalised, blended, its largest component',
      {
        targetSpacing: [1, 1.5, 1],
        patchOverlap: 0.5,
        normalization: [{ name: 'ZNormalization', params: {} }],
        keepLargestComponent: true,
      },
    ],
  ];
  test.each(configs)('is byte for byte what `predict` writes: %s', async (_, config) => {
    await inTemporaryFolder(async (folder) => {
      const model = identityModelFile(config);
      const path = join(folder, 'scan.nii.gz');
      await writeWholeFile(path, scanBytes());
      await predictFiles({
        gpu: await testGpu(),
        model: decodeModel(model),
        images: new Map([['scan', path]]),
        out: join(folder, 'out'),
      });
      const { file, fileName } = await segment(scanBytes(), {}, model);
      const expected = await readFile(join(folder, 'out', fileName));
      const bytes = await bytesOf(file);
      expect(gunzipSync(bytes).equals(gunzipSync(expected))).toBe(true);
      expect(readNifti(bytes).data.some((value) => value === 1)).toBe(true);
    });
  });

  test('is named after the case, whatever the name says of compression', async () => {
    expect((await segment(scanBytes(), { name: 'a.b.nii' })).fileName).toBe('a.b_pred.nii.gz');
    expect((await segment(scanBytes(), { name: 'plain' })).fileName).toBe('plain_pred.nii.gz');
  });
});

describe('what is told with it', () => {
  test('volumes are those of the voxels in the file', async () => {
    const { file, classes } = await segment(scanBytes());
    const { data } = readNifti(await bytesOf(file));
    const voxels = data.filter((value) => value === 1).length;
    expect(classes).toHaveLength(1);
    expect(classes[0]).toMatchObject({ value: 1, name: 'object', voxels });
    // The header holds the affine in single precision.
    expect(classes[0]!.millilitres).toBeCloseTo(voxels / 1000, 6);
  });

  test('seconds add up, and the planned memory is not exceeded', async () => {
    const { seconds, memory } = await segment(scanBytes());
    const { total, ...stages } = seconds;
    const sum = Object.values(stages).reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(total + 1e-6);
    expect(sum).toBeGreaterThan(0.9 * total);
    expect(memory.gpuPeakBytes).toBeGreaterThan(0.5 * memory.gpuBytes);
    expect(memory.gpuPeakBytes).toBeLessThanOrEqual(memory.gpuBytes);
    expect(memory.jsBytes).toBeGreaterThan(13 * 9 * 17 * 4);
  });

  test('a scan smaller than the patch is padded with a warning', async () => {
    const { warnings } = await segment(scanBytes(), { patchSize: [16, 16, 16] });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('smaller than the patch');
  });
});

describe('what is refused', () => {
  test('bytes that are no scan, with the name of the file', async () => {
    const failure = segment(new TextEncoder().encode('not a scan at all') as never);
    await expect(failure).rejects.toThrow(FormatError);
    await expect(failure).rejects.toThrow(/^scan: /);
  });

  test('a scan of another number of channels than the model reads', async () => {
    const failure = segment(scanBytes(OBLIQUE, 2));
    await expect(failure).rejects.toThrow(FormatError);
    await expect(failure).rejects.toThrow('It has 2 channels, the model reads 1');
  });

  test('a plan beyond the GPU memory that may be taken, with its numbers', async () => {
    const failure = segment(scanBytes(), { gpuBytes: 1000 });
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow('Got gpuBytes 1000');
  });

  test('a patch size that is none', async () => {
    await expect(segment(scanBytes(), { patchSize: [0, 8, 8] })).rejects.toThrow(ConfigError);
  });
});

const NOISE = [1, 30, 20, 20] as const;

/** Many patches of 8³. */
function noise(): Blob {
  const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const scan = volume(randomArray(NOISE, 2), NOISE, affine);
  return new Blob([writeNifti(scan, { gzip: false }) as Uint8Array<ArrayBuffer>]);
}

describe('segmentation in the worker', () => {
  test('goes on when the device is lost, to the same voxels', async () => {
    const opened: Gpu[] = [];
    const worker = voxgradWorker({
      openGpu: async () => {
        opened.push(await openGpu());
        return opened.at(-1)!;
      },
    });
    using engine = await VoxgradWorker.open(worker);
    await engine.loadModel(identityModelFile());
    const undisturbed = await engine.segment(noise(), { name: 'scan' }).result;
    expect(undisturbed.warnings).toEqual([]);
    const job = engine.segment(noise(), { name: 'scan' });
    for await (const { stage, done, total } of job) {
      if (stage === 'predicting' && done > total / 2) opened[0]!.device.destroy();
    }
    const { file, warnings } = await job.result;
    expect(readNifti(await bytesOf(file)).data).toEqual(
      readNifti(await bytesOf(undisturbed.file)).data,
    );
    expect(warnings).toEqual([expect.stringContaining('the GPU was lost')]);
    expect(opened.length).toBe(2);
    const next = await engine.segment(noise(), { name: 'scan' }).result;
    expect(next.warnings).toEqual([]);
    expect(opened.length).toBe(2);
    for (const gpu of opened) gpu.destroy();
  });

  test('that would take too much memory is refused with a patch that fits, which then does', async () => {
    using engine = await VoxgradWorker.open(voxgradWorker());
    await engine.loadModel(identityModelFile({ patchSize: [20, 20, 20], patchOverlap: 4 }));
    const planned = (await engine.segment(noise(), { name: 'scan' }).result).memory.gpuBytes;
    const gpuBytes = Math.floor(0.7 * planned);
    const refused = engine.segment(noise(), { name: 'scan', gpuBytes }).result;
    const error: unknown = await refused.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GpuMemoryError);
    const { patchSize } = (error as GpuMemoryError).suggestion!;
    const { memory } = await engine.segment(noise(), { name: 'scan', gpuBytes, patchSize }).result;
    expect(memory.gpuBytes).toBeLessThanOrEqual(gpuBytes);
  });
});

test('a model of several channels reads the volumes of a four-dimensional scan', async () => {
  const gpu = await testGpu();
  const network = toyNetwork(gpu, { inChannels: 2, outChannels: 3 });
  const model = await exportLearner(
    { model: network },
    {
      patchConfig: patchConfig({ patchSize: [8, 8, 8] }),
      classNames: ['background', 'oedema', 'core'],
    },
  );
  network.dispose();
  const { classes, file } = await segment(scanBytes(OBLIQUE, 2), {}, model);
  expect(classes.map(({ value, name }) => [value, name])).toEqual([
    [1, 'oedema'],
    [2, 'core'],
  ]);
  const { data, shape } = readNifti(await bytesOf(file));
  expect(shape).toEqual([1, 13, 9, 17]);
  for (const { value, voxels } of classes) {
    expect(data.filter((label) => label === value).length).toBe(voxels);
  }
});
