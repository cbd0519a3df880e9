import { describe, expect, it } from 'vitest';
import { volume } from '../../../src/io/volume.ts';
import { resampleTransform } from '../../../src/patch/transforms/resample.ts';
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

describe('resampleTransform', () => {
  it('interpolates the image and not the label map', () => {
    const transform = resampleTransform({ spacing: 0.8 });
    const result = transform.apply({ name: 'a', image, label }, Rng.seed(0));
    expect(result.image.shape).toEqual([1, 2, 7, 15]);
    expect(result.image.data.some((value) => !Number.isInteger(value))).toBe(true);
    expect([...new Set(result.label?.data)].sort()).toEqual([0, 1]);
    expect(transform).toMatchObject({ name: 'Resample', params: { spacing: [0.8, 0.8, 0.8] } });
  });
});
