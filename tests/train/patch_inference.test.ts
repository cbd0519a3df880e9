import { describe, expect, it } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { type Volume, volume } from '../../src/io/volume.ts';
import { UNet } from '../../src/nn/unet.ts';
import type { PatchWeights } from '../../src/patch/aggregator.ts';
import { labelComponents } from '../../src/patch/largest_component.ts';
import {
  type PartialPatchConfig,
  type PatchConfig,
  patchConfig,
} from '../../src/patch/patch_config.ts';
import { Rng } from '../../src/rng.ts';
import { type InferScanOptions, inferScan, labelsOf } from '../../src/train/patch_inference.ts';
import { testGpu } from '../helpers/gpu.ts';
import { IDENTITY_CONFIG, identityWeights } from '../helpers/identity_network.ts';
import { randomArray } from '../helpers/random.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

/** Zeros with a bright box in voxels lo .. hi-1. */
function scanWithBox(
  [I, J, K]: readonly [number, number, number],
  lo: readonly number[],
  hi: readonly number[],
  spacing: readonly [number, number, number] = [1, 1, 1],
): Volume {
  const data = new Float32Array(I * J * K);
  for (let i = lo[0]!; i < hi[0]!; i++) {
    for (let j = lo[1]!; j < hi[1]!; j++) {
      for (let k = lo[2]!; k < hi[2]!; k++) data[(i * J + j) * K + k] = 1;
    }
  }
  return volume(data, [1, I, J, K], fromSpacing(spacing, [-10, 5, 3]));
}

/** Inference with a network that marks voxels above one half. */
async function segment(
  scan: Volume,
  config: PartialPatchConfig = {},
  options: Partial<InferScanOptions> = {},
): Promise<Volume> {
  const gpu = await testGpu();
  const network = new UNet(gpu, Rng.seed(0), IDENTITY_CONFIG);
  network.loadStateDict(identityWeights(0.5));
  const full = patchConfig({ patchSize: [8, 8, 8], patchOverlap: 0.5, ...config });
  try {
    const inference = await inferScan(gpu, network, scan, { config: full, ...options });
    return options.returnProbabilities ? inference.probabilities() : inference.labels();
  } finally {
    network.dispose();
  }
}

describe('inferScan', () => {
  it('gives labels on the grid of the scan, with its affine', async () => {
    const scan = scanWithBox([12, 10, 9], [3, 2, 4], [7, 5, 8]);
    const result = await segment(scan);
    expect(result.shape).toEqual([1, 12, 10, 9]);
    expect(result.affine).toEqual(scan.affine);
    expect(result.data).toEqual(scan.data);
  });

  it.each(['LPS', 'ASR', 'IRP', 'SAL'])('comes back to %s from RAS', async (code) => {
    const scan = toOrientation(scanWithBox([12, 10, 9], [3, 2, 4], [7, 5, 8]), code);
    const result = await segment(scan);
    expect(result.shape).toEqual(scan.shape);
    expect(result.affine).toEqual(scan.affine);
    expect(result.data).toEqual(scan.data);
  });

  it('crops the padding of a scan smaller than the patch before the way back', async () => {
    const warnings: string[] = [];
    const scan = scanWithBox([12, 5, 3], [3, 1, 0], [7, 3, 2]);
    const result = await segment(scan, {}, { onWarning: (text) => warnings.push(text), name: 'a' });
    expect(result.data).toEqual(scan.data);
    expect(warnings).toEqual([expect.stringContaining("'a' is padded from [12,5,3] to [12,8,8]")]);
  });

  it('predicts at the target spacing and comes back to the own one', async () => {
    const scan = scanWithBox([16, 12, 8], [4, 2, 2], [12, 8, 6], [0.5, 1, 2]);
    const result = await segment(scan, { targetSpacing: [1, 1, 1] });
    expect(result.shape).toEqual(scan.shape);
    const wrong = Array.from(result.data).filter((value, at) => value !== scan.data[at]).length;
    // Only voxels on the faces of the box may move.
    expect(wrong / scan.data.length).toBeLessThan(0.15);
    const centre = (8 * 12 + 5) * 8 + 4;
    expect(result.data[centre]).toBe(1);
    expect(result.data[0]).toBe(0);
  });

  it('keeps only the largest component when asked to', async () => {
    const scan = scanWithBox([12, 10, 9], [3, 2, 4], [7, 5, 8]);
    scan.data[0] = 1;
    const result = await segment(scan, { keepLargestComponent: true });
    expect(result.data[0]).toBe(0);
    expect(Array.from(result.data).filter((value) => value === 1).length).toBe(4 * 3 * 4);
  });

  it('returns one probability per class when asked to', async () => {
    const scan = toOrientation(scanWithBox([12, 10, 9], [3, 2, 4], [7, 5, 8]), 'LPS');
    const result = await segment(scan, {}, { returnProbabilities: true });
    expect(result.shape).toEqual([2, 12, 10, 9]);
    const voxels = 12 * 10 * 9;
    for (let voxel = 0; voxel < voxels; voxel++) {
      const foreground = 1 / (1 + Math.exp(-2 * (scan.data[voxel]! - 0.5)));
      expect(result.data[voxels + voxel]).toBeCloseTo(foreground, 4);
      expect(result.data[voxel]! + result.data[voxels + voxel]!).toBeCloseTo(1, 5);
    }
  });

  it('weighs overlapping patches as the configuration says, unless weights are given', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu);
    const scan = volume(randomArray([1, 12, 8, 8], 3), [1, 12, 8, 8], fromSpacing([1, 1, 1]));
    const probabilities = async (
      aggregationMode: PatchConfig['aggregationMode'],
      weights?: PatchWeights,
    ) => {
      const config = patchConfig({ patchSize: [8, 8, 8], patchOverlap: 0.5, aggregationMode });
      const options = { config, returnProbabilities: true, ...(weights ? { weights } : {}) };
      return (await inferScan(gpu, network, scan, options)).probabilities().data;
    };
    const [hann, average] = [await probabilities('hann'), await probabilities('average')];
    const gaussian = await probabilities('hann', 'gaussian');
    expect(await probabilities('crop', 'constant')).toEqual(average);
    expect(await probabilities('average', 'hann')).toEqual(hann);
    expect(new Set([hann, average, gaussian].map(String)).size).toBe(3);
    network.dispose();
  });

  it('does not change the scan', async () => {
    const scan = scanWithBox([9, 9, 9], [1, 1, 1], [3, 3, 3]);
    const before = scan.data.slice();
    await segment(scan, { normalization: [{ name: 'ZNormalization', params: {} }] });
    expect(scan.data).toEqual(before);
  });
});

describe('inferScan of three classes', () => {
  const scan = (): Volume =>
    toOrientation(
      volume(randomArray([1, 13, 9, 10], 4), [1, 13, 9, 10], fromSpacing([0.8, 1, 1.3])),
      'PLS',
    );
  const config = patchConfig({
    patchSize: [8, 8, 8],
    patchOverlap: 0.5,
    targetSpacing: [1, 1, 1],
    keepLargestComponent: true,
  });

  it('gives labels and probabilities of one pass, the same labels as alone', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu, { outChannels: 3 });
    const passes: number[] = [];
    const inference = await inferScan(gpu, network, scan(), {
      config,
      returnProbabilities: true,
      onProgress: (done, total) => passes.push(done / total),
    });
    const [labels, probabilities] = [inference.labels(), inference.probabilities()];
    expect(passes.filter((share) => share === 1).length).toBe(1);
    const alone = await inferScan(gpu, network, scan(), { config });
    expect(alone.labels()).toEqual(labels);
    expect(() => alone.probabilities()).toThrow('returnProbabilities: true');
    expect(labels.shape).toEqual([1, 9, 13, 10]);
    expect(probabilities.shape).toEqual([3, 9, 13, 10]);
    network.dispose();
  });

  it('keeps the largest component of each class', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu, { outChannels: 3 });
    const segmented = async (keepLargestComponent: boolean) => {
      const own = { ...config, targetSpacing: null, keepLargestComponent };
      return (await inferScan(gpu, network, scan(), { config: own })).labels();
    };
    const [all, largest] = [await segmented(false), await segmented(true)];
    const components = (labels: Volume, value: number) =>
      labelComponents(
        Array.from(labels.data, (label) => (label === value ? 1 : 0)),
        [9, 13, 10],
      );
    for (const value of [1, 2]) {
      const before = components(all, value);
      const after = components(largest, value);
      expect(before.count).toBeGreaterThan(1);
      expect(after.count).toBe(1);
      expect(after.sizes[1]).toBe(Math.max(...before.sizes.slice(1)));
    }
    network.dispose();
  });
});

describe('labelsOf', () => {
  const of = (channels: number, ...values: number[]) => {
    const shape = [channels, values.length / channels, 1, 1];
    return volume(Float32Array.from(values), shape, fromSpacing([1, 1, 1]));
  };

  it('takes the most probable class, the lowest of equals', () => {
    const probabilities = of(3, 0.2, 0.5, 0.4, 0.5, 0.5, 0.2, 0.3, 0, 0.4);
    expect([...labelsOf(probabilities).data]).toEqual([1, 0, 0]);
  });

  it('of one channel reaches the threshold at equality', () => {
    expect([...labelsOf(of(1, 0.25, 0.5, 0.75), 0.5).data]).toEqual([0, 1, 1]);
  });
});
