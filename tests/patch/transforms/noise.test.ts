import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { type NoiseParams, noise } from '../../../src/patch/transforms/noise.ts';
import { Rng, threefryNormal } from '../../../src/rng.ts';

const SHAPE = [2, 20, 20, 20];
const image = volume(new Float32Array(16_000).fill(5), SHAPE, identityAffine());
const subject = { name: 'a', image, label: image };

const values = (params: NoiseParams) =>
  Array.from(
    noise(params).apply(subject, Rng.seed(0)).image.data as Float32Array,
    (value) => value - 5,
  );

describe('noise', () => {
  it('adds numbers of the given mean and standard deviation', () => {
    const added = values({ mean: 0.5, std: 2, seed: [1, 2] });
    const mean = added.reduce((a, b) => a + b) / added.length;
    const variance = added.reduce((a, b) => a + (b - mean) ** 2, 0) / added.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * (2 / Math.sqrt(added.length)));
    expect(Math.abs(Math.sqrt(variance) - 2)).toBeLessThan(0.06);
    const within = added.filter((value) => Math.abs(value - 0.5) < 2).length / added.length;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.02);
  });

  it('is what the seed and the place of the voxel say, and another for another seed', () => {
    const added = values({ std: 3, seed: [7, 8] });
    expect(added[12_345]).toBeCloseTo(3 * threefryNormal([7, 8], [0, 12_345]), 5);
    expect(values({ std: 3, seed: [7, 8] })).toEqual(added);
    expect(values({ std: 3, seed: [8, 7] })).not.toEqual(added);
  });

  it('gives every channel its own noise, and the label map none', () => {
    const added = values({ std: 1, seed: [0, 0] });
    expect(added.slice(0, 9)).not.toEqual(added.slice(8000, 8009));
    const { label } = noise({ std: 1, seed: [0, 0] }).apply(subject, Rng.seed(0));
    expect(label).toBe(image);
  });

  it('adds the mean alone where the deviation is 0', () => {
    expect(new Set(values({ mean: 0.25, std: 0, seed: [3, 4] }))).toEqual(new Set([0.25]));
  });

  it.each([
    [{ std: -1, seed: [0, 0] }, /std must not be negative/],
    [{ std: Number.NaN, seed: [0, 0] }, /noise std/],
    [{ std: 1, seed: [0] }, /noise seed.*2 finite/],
    [{ std: 1, seed: [0, 0.5] }, /not two 32-bit numbers/],
    [{ std: 1, seed: [0, 2 ** 32] }, /not two 32-bit numbers/],
    [{ mean: 'x', std: 1, seed: [0, 0] }, /noise mean/],
  ])('refuses %j', (params, message) => {
    expect(() => noise(params as NoiseParams)).toThrow(message);
    expect(() => noise(params as NoiseParams)).toThrow(ConfigError);
  });
});
