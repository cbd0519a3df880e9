import { describe, expect, it } from 'vitest';
import { axisCodes } from '../../../src/io/orientation.ts';
import { volume } from '../../../src/io/volume.ts';
import { toCanonicalTransform } from '../../../src/patch/transforms/to_canonical.ts';
import { Rng } from '../../../src/rng.ts';

const LPS = [-1, 0, 0, 9, 0, -2, 0, 9, 0, 0, 3, 9, 0, 0, 0, 1];
const image = volume(
  Float32Array.from({ length: 24 }, (_, n) => n),
  [1, 2, 3, 4],
  LPS,
);
const label = volume(
  Float32Array.from({ length: 24 }, (_, n) => n % 2),
  [1, 2, 3, 4],
  LPS,
);

describe('toCanonicalTransform', () => {
  it('reorders image and label map together', () => {
    const result = toCanonicalTransform().apply({ name: 'a', image, label }, Rng.seed(0));
    expect(axisCodes(result.image.affine)).toBe('RAS');
    expect(result.label?.affine).toEqual(result.image.affine);
    result.image.data.forEach((value, n) => {
      expect(result.label?.data[n]).toBe(value % 2);
    });
  });

  it('does without a label map', () => {
    const result = toCanonicalTransform().apply({ name: 'a', image }, Rng.seed(0));
    expect(result).not.toHaveProperty('label');
    expect(result.name).toBe('a');
  });
});
