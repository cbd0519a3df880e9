import { expect, it } from 'vitest';
import { convolutionInit } from '../../src/nn/init.ts';
import { Rng } from '../../src/rng.ts';

const largest = (values: Float32Array): number =>
  values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

it('fills the interval of 1 / sqrt(fan_in) evenly', () => {
  const { weight, bias } = convolutionInit(Rng.seed(3), [16, 4, 3, 3, 3], 16);
  const bound = 1 / Math.sqrt(4 * 27);
  expect(weight.length).toBe(16 * 4 * 27);
  expect(largest(weight)).toBeLessThanOrEqual(bound);
  expect(largest(weight)).toBeGreaterThan(0.99 * bound);
  expect(largest(bias)).toBeLessThanOrEqual(bound);
  const variance = weight.reduce((sum, value) => sum + value * value, 0) / weight.length;
  expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
});

it('takes the second axis as fan-in, which for a transposed weight is the output', () => {
  const { weight } = convolutionInit(Rng.seed(3), [384, 2, 3, 3, 3], 0);
  expect(largest(weight)).toBeGreaterThan(0.99 / Math.sqrt(2 * 27));
});

it('draws the same weights for the same seed and others for another', () => {
  const draw = (seed: number) => convolutionInit(Rng.seed(seed), [2, 2, 3, 3, 3], 2);
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5).weight).not.toEqual(draw(6).weight);
});
