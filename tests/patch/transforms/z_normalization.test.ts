import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { zNormalization } from '../../../src/patch/transforms/z_normalization.ts';
import { Rng } from '../../../src/rng.ts';
import { expectClose } from '../../helpers/close.ts';

const subject = (values: number[], channels = 1) => ({
  name: 'scan1',
  image: volume(
    Float32Array.from(values),
    [channels, 1, 1, values.length / channels],
    identityAffine(),
  ),
});
const apply = (values: number[], params = {}, channels = 1) =>
  zNormalization(params).apply(subject(values, channels), Rng.seed(0)).image.data;

describe('zNormalization', () => {
  it('divides by the sample standard deviation', () => {
    expectClose(
      apply([1, 2, 3, 4]),
      [-1.5, -0.5, 0.5, 1.5].map((x) => x / Math.sqrt(5 / 3)),
    );
  });

  it('takes statistics above the mean only, but transforms every voxel', () => {
    // The mean is 3; above it are 4 and 8: mean 6, standard deviation sqrt(8).
    const expected = [0, 0, 3, 4, 8].map((x) => (x - 6) / Math.sqrt(8));
    expectClose(apply([0, 0, 3, 4, 8], { maskingMethod: 'mean' }), expected);
  });

  it('treats each channel alone unless told otherwise', () => {
    expectClose(
      apply([0, 2, 10, 30], {}, 2),
      [-1, 1, -1, 1].map((x) => x / Math.SQRT2),
    );
    const together = apply([0, 2, 10, 30], { channelWise: false }, 2);
    expect(together[0]! + together[1]! + together[2]! + together[3]!).toBeCloseTo(0, 5);
    expect(together[1]).toBeLessThan(0);
  });

  it('is exact at a mean of a million', () => {
    const values = [0, 1, 2, 3].map((x) => 1e6 + x);
    expectClose(
      apply(values),
      [-1.5, -0.5, 0.5, 1.5].map((x) => x / Math.sqrt(5 / 3)),
    );
  });

  it('passes the label map through and leaves its input alone', () => {
    const before = { ...subject([1, 2, 3]), label: subject([0, 1, 1]).image };
    const after = zNormalization().apply(before, Rng.seed(0));
    expect(after.label).toBe(before.label);
    expect([...before.image.data]).toEqual([1, 2, 3]);
  });

  it('refuses constant images and images that are not finite, by name', () => {
    expect(() => apply([2, 2, 2])).toThrow(/scan1/);
    expect(() => apply([1, Number.NaN, 3])).toThrow(/NaN/);
    expect(() => apply([1, Number.POSITIVE_INFINITY, 3])).toThrow(/Infinity/);
    expect(() => apply([1, 1, 3], { maskingMethod: 'mean' })).toThrow(/standard deviation/);
  });

  it('refuses an unknown masking method', () => {
    expect(() => apply([1, 2], { maskingMethod: 'otsu' })).toThrow(/otsu/);
  });
});
