import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { blur } from '../../../src/patch/transforms/blur.ts';
import { type RandomBlurParams, randomBlur } from '../../../src/patch/transforms/random_blur.ts';
import { Rng } from '../../../src/rng.ts';
import { randomArray } from '../../helpers/random.ts';

const subject = {
  name: 'a',
  image: volume(randomArray([1, 4, 5, 6], 1), [1, 4, 5, 6], identityAffine()),
};

describe('randomBlur', () => {
  it('is blur where the ranges are points', () => {
    const random = randomBlur({ std: [0.5, 0.5, 1, 1, 0, 0], p: 1 }).apply(subject, Rng.seed(1));
    const fixed = blur({ std: [0.5, 1, 0] }).apply(subject, Rng.seed(1));
    expect([...random.image.data]).toEqual([...fixed.image.data]);
  });

  it('draws deviations from 0 up to a single number', () => {
    const voxel = {
      name: 'a',
      image: volume(new Float32Array(125), [1, 5, 5, 5], identityAffine()),
    };
    voxel.image.data[62] = 1;
    const strongest = blur({ std: 0.8 }).apply(voxel, Rng.seed(0)).image.data[62]!;
    const rng = Rng.seed(2);
    const peaks = Array.from(
      { length: 200 },
      () => randomBlur({ std: 0.8, p: 1 }).apply(voxel, rng).image.data[62]!,
    );
    expect(Math.min(...peaks)).toBeGreaterThan(strongest);
    expect(Math.max(...peaks)).toBeGreaterThan(0.9);
    expect(new Set(peaks).size).toBeGreaterThan(190);
  });

  it('blurs half of the subjects unless told otherwise, the same ones for the same seed', () => {
    const run = (seed: number) => {
      const rng = Rng.seed(seed);
      return Array.from({ length: 300 }, () => randomBlur().apply(subject, rng) === subject);
    };
    expect(Math.abs(run(1).filter(Boolean).length - 150)).toBeLessThan(35);
    expect(run(1)).toEqual(run(1));
    expect(randomBlur({ p: 0 }).apply(subject, Rng.seed(0))).toBe(subject);
  });

  it.each([
    [{ std: [-1, 1] }, /std must not be negative/],
    [{ std: [2, 1] }, /randomBlur std: not a range/],
    [{ p: -1 }, /randomBlur: p is not a probability/],
  ])('refuses %j', (params, message) => {
    expect(() => randomBlur(params as RandomBlurParams)).toThrow(message);
  });
});
