import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import {
  type AggregationMode,
  aggregationModeOf,
  GridAggregator,
  PATCH_WEIGHTS,
} from '../../src/patch/aggregator.ts';
import { gridLocations } from '../../src/patch/grid_sampler.ts';
import { importanceMap } from '../../src/patch/importance_map.ts';
import { extractPatch } from '../../src/patch/location.ts';
import { expectClose } from '../helpers/close.ts';

const size = [17, 13, 9] as const;
const patchSize = [8, 6, 8] as const;
const patchOverlap = [4, 2, 6] as const;
const modes: AggregationMode[] = ['hann', 'gaussian', 'average', 'crop'];

describe('GridAggregator', () => {
  it.each(modes)('returns a volume from its own patches (%s)', (mode) => {
    const data = Float32Array.from({ length: 2 * 17 * 13 * 9 }, (_, n) => Math.sin(n) + 2);
    const scan = volume(data, [2, ...size], identityAffine());
    const aggregator = new GridAggregator({ shape: scan.shape, mode, patchOverlap });
    for (const location of gridLocations(size, patchSize, patchOverlap)) {
      aggregator.add(extractPatch(scan, location), location);
    }
    expectClose(aggregator.result(), data, { rtol: 1e-6, shape: scan.shape });
  });

  it.each(modes)('keeps a constant constant at the corners of a large patch (%s)', (mode) => {
    const shape = [1, 40, 40, 40] as const;
    const aggregator = new GridAggregator({ shape, mode, patchOverlap: [0, 0, 0] });
    const patch = new Float32Array(40 ** 3).fill(0.7);
    aggregator.add(patch, { start: [0, 0, 0], size: [40, 40, 40] });
    expectClose(aggregator.result(), patch, { rtol: 3e-7, atol: 0 });
  });

  it('weighs by the Hann window where patches overlap', () => {
    const aggregator = new GridAggregator({ shape: [1, 1, 1, 5] });
    const three = (value: number) => new Float32Array(3).fill(value);
    aggregator.add(three(1), { start: [0, 0, 0], size: [1, 1, 3] });
    aggregator.add(three(2), { start: [0, 0, 2], size: [1, 1, 3] });
    // The window is 0.5, 1, 0.5 along k, so both weigh the same in the middle.
    expectClose(aggregator.result(), [1, 1, 1.5, 2, 2]);
  });

  it("weighs by MONAI's Gaussian where patches overlap", () => {
    const aggregator = new GridAggregator({ shape: [1, 1, 1, 4], mode: 'gaussian' });
    const three = (value: number) => new Float32Array(3).fill(value);
    aggregator.add(three(1), { start: [0, 0, 0], size: [1, 1, 3] });
    aggregator.add(three(2), { start: [0, 0, 1], size: [1, 1, 3] });
    // The map is edge, 1, edge along k.
    const edge = Math.exp(-1 / (2 * 0.375 ** 2));
    expectClose(aggregator.result(), [1, (1 + 2 * edge) / (1 + edge), (edge + 2) / (edge + 1), 2]);
  });

  it('weighs far corners as the importance map does, never less than its least', () => {
    const size = [9, 9, 9] as const;
    const aggregator = new GridAggregator({ shape: [1, 9, 9, 10], mode: 'gaussian' });
    const patch = (value: number) => new Float32Array(729).fill(value);
    aggregator.add(patch(0), { start: [0, 0, 0], size });
    aggregator.add(patch(1), { start: [0, 0, 1], size });
    const map = importanceMap(size, { mode: 'gaussian' });
    const result = aggregator.result();
    for (const [i, j, k] of [
      [0, 0, 1],
      [0, 0, 5],
      [4, 4, 8],
    ] as const) {
      const line = (i * 9 + j) * 9;
      const [first, second] = [map[line + k]!, map[line + k - 1]!];
      expect(result[(i * 9 + j) * 10 + k]).toBeCloseTo(second / (first + second), 6);
    }
  });

  it('averages without weights', () => {
    const aggregator = new GridAggregator({ shape: [1, 1, 1, 3], mode: 'average' });
    aggregator.add([1, 1], { start: [0, 0, 0], size: [1, 1, 2] });
    aggregator.add([4, 5], { start: [0, 0, 1], size: [1, 1, 2] });
    expect([...aggregator.result()]).toEqual([1, 2.5, 5]);
  });

  it('crops half the overlap, but not at the border of the volume', () => {
    const patchOverlap = [0, 0, 2] as const;
    const aggregator = new GridAggregator({ shape: [1, 1, 1, 6], mode: 'crop', patchOverlap });
    aggregator.add([1, 1, 1, 1], { start: [0, 0, 0], size: [1, 1, 4] });
    aggregator.add([2, 2, 2, 2], { start: [0, 0, 2], size: [1, 1, 4] });
    expect([...aggregator.result()]).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('reads one sample out of a batch', () => {
    const aggregator = new GridAggregator({ shape: [1, 1, 1, 2] });
    aggregator.add([9, 9, 1, 2, 9], { start: [0, 0, 0], size: [1, 1, 2] }, 2);
    expectClose(aggregator.result(), [1, 2]);
  });

  it('refuses to give a volume with holes', () => {
    const aggregator = new GridAggregator({ shape: [1, 1, 1, 3] });
    aggregator.add([1, 2], { start: [0, 0, 0], size: [1, 1, 2] });
    expect(() => aggregator.result()).toThrow(/1 of 3 voxels/);
  });

  it('refuses patches that reach outside or lack values', () => {
    const aggregator = new GridAggregator({ shape: [2, 1, 1, 3] });
    const location = { start: [0, 0, 1], size: [1, 1, 2] } as const;
    expect(() => aggregator.add([1, 2, 3], location)).toThrow(/3 values for \[2,1,1,2\]/);
    const outside = { start: [0, 0, 2], size: [1, 1, 2] } as const;
    expect(() => aggregator.add([1, 2, 3, 4], outside)).toThrow(/not inside/);
  });
});

it('users name weights as MONAI and TorchIO do, and constant weights are a plain average', () => {
  expect(PATCH_WEIGHTS.map(aggregationModeOf)).toEqual(['hann', 'gaussian', 'average']);
});
