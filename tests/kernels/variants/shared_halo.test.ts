import { expect, test } from 'vitest';
import { bankConflicts, bestBox } from '../../../src/kernels/variants/shared_halo.ts';
import { conv3dSizes, product } from '../../../src/shape.ts';

const sizesOf = (d: number, h: number, w: number) =>
  conv3dSizes('test', [1, 16, d, h, w], [16, 16, 3, 3, 3], { padding: 1 });

test.each([
  [64, 64, 64],
  [64, 64, 32],
  [16, 16, 8],
  [8, 8, 4],
])('in a box of %i x %i x %i voxels at most two threads meet in one bank', (d, h, w) => {
  const { lanes, halo, pitch } = bestBox(sizesOf(d, h, w));
  expect(pitch).toBeGreaterThanOrEqual(halo[2]);
  expect(bankConflicts(lanes, halo[1], pitch)).toBeLessThanOrEqual(2);
});

test('rows as long as they are would let threads wait for each other', () => {
  expect(bankConflicts([4, 2, 16], 10, 18)).toBe(2);
  expect(bankConflicts([4, 2, 16], 10, 20)).toBe(1);
});

test.each([
  [64, 64, 64],
  [64, 64, 32],
  [32, 32, 16],
  [16, 16, 8],
  [8, 8, 4],
  [4, 4, 4],
])('boxes cover %i x %i x %i voxels, with at most as many again beyond', (d, h, w) => {
  const { lanes, count } = bestBox(sizesOf(d, h, w));
  const box = [lanes[0], 4 * lanes[1], lanes[2]];
  [d, h, w].forEach((size, axis) => {
    expect(box[axis]! * count[axis]!).toBeGreaterThanOrEqual(size);
  });
  expect(product(box) * product(count)).toBeLessThanOrEqual(Math.max(2 * d * h * w, 256));
});
