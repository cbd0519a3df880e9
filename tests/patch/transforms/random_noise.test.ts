import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { identityAffine } from '../../../src/io/affine.ts';
import type { NoiseParams } from '../../../src/patch/transforms/noise.ts';
import { type RandomNoiseParams, randomNoise } from '../../../src/patch/transforms/random_noise.ts';
import { Rng } from '../../../src/rng.ts';

const GRID = { shape: [1, 4, 4, 4], affine: identityAffine() } as const;

function drawn(params: RandomNoiseParams, count: number): NoiseParams[] {
  const rng = Rng.seed(5);
  const transform = randomNoise({ p: 1, ...params });
  return Array.from(
    { length: count },
    () => transform.draw!(GRID, rng)!.params as unknown as NoiseParams,
  );
}

describe('randomNoise', () => {
  it.each<[RandomNoiseParams, [number, number], [number, number]]>([
    [{}, [0, 0], [0, 0.25]],
    [{ std: 0.1 }, [0, 0], [0.1, 0.1]],
    [{ mean: 2, std: [1, 3] }, [-2, 2], [1, 3]],
    [{ mean: [4, 5], std: 0 }, [4, 5], [0, 0]],
  ])('%j draws mean and deviation evenly', (params, [lowMean, highMean], [low, high]) => {
    const all = drawn(params, 400);
    for (const [values, from, to] of [
      [all.map(({ mean }) => mean!), lowMean, highMean],
      [all.map(({ std }) => std), low, high],
    ] as const) {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(from);
      expect(Math.max(...values)).toBeLessThanOrEqual(to);
      const average = values.reduce((a, b) => a + b) / values.length;
      expect(Math.abs(average - (from + to) / 2)).toBeLessThanOrEqual(0.05 * (to - from) + 1e-12);
    }
  });

  it('draws another seed every time', () => {
    expect(new Set(drawn({}, 100).map(({ seed }) => seed.join())).size).toBe(100);
  });

  it('leaves half of the subjects alone unless told otherwise', () => {
    const rng = Rng.seed(1);
    const results = Array.from({ length: 400 }, () => randomNoise().draw!(GRID, rng));
    expect(Math.abs(results.filter((result) => result === null).length - 200)).toBeLessThan(40);
  });

  it.each([
    [{ std: [-1, 1] }, /std must not be negative/],
    [{ std: -0.1 }, /std must not be negative/],
    [{ std: [2, 1] }, /randomNoise std: not a range/],
    [{ std: [1, 2, 3] }, /randomNoise std.*1 or 2/],
    [{ mean: [1, 0] }, /randomNoise mean: not a range/],
    [{ p: 2 }, /randomNoise: p is not a probability/],
  ])('refuses %j', (params, message) => {
    expect(() => randomNoise(params as RandomNoiseParams)).toThrow(message);
    expect(() => randomNoise(params as RandomNoiseParams)).toThrow(ConfigError);
  });
});
