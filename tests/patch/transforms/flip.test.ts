import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { type FlipAxis, flip, reverseAxes, voxelAxes } from '../../../src/patch/transforms/flip.ts';
import { Rng } from '../../../src/rng.ts';

const image = volume(
  Float32Array.from({ length: 2 * 2 * 3 * 4 }, (_, n) => n),
  [2, 2, 3, 4],
  identityAffine(),
);
const at = (data: ArrayLike<number>, c: number, i: number, j: number, k: number) =>
  data[((c * 2 + i) * 3 + j) * 4 + k];

describe('flip', () => {
  const cases: FlipAxis[][] = [[0], [1], [2], [0, 2], [0, 1, 2], [1, 1]];
  it.each(cases.map((axes) => [axes]))('reverses axes %j of image and label map', (axes) => {
    const label = volume(image.data.slice(), image.shape, image.affine);
    const flipped = flip({ axes }).apply({ name: 'a', image, label }, Rng.seed(0));
    for (const out of [flipped.image, flipped.label!]) {
      for (const [c, i, j, k] of [
        [0, 0, 0, 0],
        [1, 1, 2, 1],
        [1, 0, 1, 3],
      ] as const) {
        const from = [i, j, k].map((n, axis) =>
          axes.includes(axis as FlipAxis) ? [1, 2, 3][axis]! - n : n,
        );
        expect(at(out.data, c, i, j, k)).toBe(at(image.data, c, from[0]!, from[1]!, from[2]!));
      }
      expect(out.affine).toEqual(image.affine);
    }
    expect(image.data[0]).toBe(0);
  });

  it('refuses an axis that does not exist', () => {
    expect(() => flip({ axes: [3 as FlipAxis] })).toThrow(/3/);
    expect(() => flip({ axes: ['XY' as FlipAxis] })).toThrow(/"XY"/);
  });
});

it('reversing no axis gives the array itself, reversing twice the same values', () => {
  const { data, shape } = image;
  expect(reverseAxes(data, shape, [])).toBe(data);
  expect(reverseAxes(reverseAxes(data, shape, [0, 2]), shape, [2, 0])).toEqual(data);
});

describe('voxelAxes', () => {
  it('finds anatomical directions in the affine', () => {
    expect(voxelAxes(['LR', 'AP', 'IS', 1], identityAffine())).toEqual([0, 1, 2, 1]);
    const permuted = [0, 0, -2, 0, 1, 0.1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1];
    expect(voxelAxes(['LR', 'AP', 'IS'], permuted)).toEqual([2, 0, 1]);
  });
});
