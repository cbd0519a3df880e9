import { expect, it } from 'vitest';
import { borderMean } from '../../../src/patch/transforms/border_mean.ts';

it('borderMean counts every face whole, and no voxel inside', () => {
  const values = new Float32Array(27);
  values[13] = 1000;
  expect(borderMean(values, [3, 3, 3])).toBe(0);
  // A corner, an edge and the middle of a face: on 3, 2 and 1 of 6 faces of 9 voxels.
  values.set([1], 0);
  values.set([10], 1);
  values.set([100], 4);
  expect(borderMean(values, [3, 3, 3])).toBeCloseTo((3 * 1 + 2 * 10 + 100) / 54, 12);
});

it('borderMean takes a single slice for both of its faces', () => {
  expect(borderMean(Float32Array.of(1, 2, 3), [3, 1, 1])).toBeCloseTo((4 * 6 + 4) / 14, 12);
});
