import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { gaussianAxis, importanceMap, LEAST_IMPORTANCE } from '../../src/patch/importance_map.ts';
import { expectClose } from '../helpers/close.ts';

describe('importanceMap', () => {
  it('is a Gaussian of an eighth of the patch about its middle', () => {
    // sigma is 0.375 voxels along the axis of 3 and 0.25 along the axis of 2.
    const step = Math.exp(-1 / (2 * 0.375 ** 2));
    const half = Math.exp(-(0.5 ** 2) / (2 * 0.25 ** 2));
    const expected = [step, 1, step].flatMap((weight) => [weight * half, weight * half]);
    expectClose(importanceMap([1, 3, 2], { mode: 'gaussian' }), expected);
  });

  it('takes another width, also one per axis', () => {
    const weight = (x: number, sigma: number) => Math.exp(-(x ** 2) / (2 * sigma ** 2));
    const map = importanceMap([2, 1, 3], { mode: 'gaussian', sigmaScale: [1, 0.5, 0.25] });
    const line = [weight(1, 0.75), 1, weight(1, 0.75)].map((along) => along * weight(0.5, 2));
    expectClose(map, [...line, ...line]);
    expectClose(gaussianAxis(2, 0.5), [weight(0.5, 1), weight(0.5, 1)]);
  });

  it('is symmetric, 1 in the middle and never below the least weight', () => {
    const map = importanceMap([9, 9, 9], { mode: 'gaussian' });
    expect(Array.from(map).reverse()).toEqual(Array.from(map));
    expect(map[(map.length - 1) / 2]).toBe(1);
    expect(Math.min(...map)).toBe(Math.fround(LEAST_IMPORTANCE));
  });

  it('is 1 everywhere unless a mode is given', () => {
    expect([...importanceMap([1, 2, 3])]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('refuses a width that is not positive', () => {
    for (const sigmaScale of [0, -1, Number.NaN]) {
      const options = { mode: 'gaussian', sigmaScale } as const;
      expect(() => importanceMap([2, 2, 2], options)).toThrow(ConfigError);
    }
  });
});
