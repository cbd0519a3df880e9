import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { type RandomGammaParams, randomGamma } from '../../../src/patch/transforms/random_gamma.ts';
import { Rng } from '../../../src/rng.ts';

/** Two channels of e: the logarithm of a value is the exponent, its logarithm what was drawn. */
const subject = {
  name: 'a',
  image: volume(new Float32Array(4).fill(Math.E), [2, 1, 1, 2], identityAffine()),
};

function drawn(params: RandomGammaParams, count: number, rng: Rng): number[][] {
  return Array.from({ length: count }, () => {
    const { data } = randomGamma({ p: 1, ...params }).apply(subject, rng).image;
    return [data[0]!, data[2]!].map((value) => Math.log(Math.log(value)));
  });
}

describe('randomGamma', () => {
  it.each([
    [{}, -0.3, 0.3],
    [{ logGamma: 0.1 }, -0.1, 0.1],
    [{ logGamma: [0.2, 0.4] }, 0.2, 0.4],
  ])('%j draws the logarithm evenly', (params, low, high) => {
    const all = drawn(params, 500, Rng.seed(1)).flat();
    const width = high - low;
    expect(Math.min(...all)).toBeGreaterThan(low - 1e-6);
    expect(Math.max(...all)).toBeLessThan(high + 1e-6);
    const mean = all.reduce((a, b) => a + b) / all.length;
    expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(0.04 * width);
    const lower = all.filter((value) => value < low + width / 4).length / all.length;
    expect(Math.abs(lower - 0.25)).toBeLessThan(0.05);
  });

  it('draws for each channel', () => {
    const [first, second] = drawn({}, 1, Rng.seed(1))[0]!;
    expect(Math.abs(first! - second!)).toBeGreaterThan(1e-4);
  });

  it('depends on the seed, and leaves half of the subjects alone unless told otherwise', () => {
    expect(drawn({}, 5, Rng.seed(7))).toEqual(drawn({}, 5, Rng.seed(7)));
    const rng = Rng.seed(3);
    const same = Array.from({ length: 400 }, () => randomGamma().apply(subject, rng) === subject);
    expect(Math.abs(same.filter(Boolean).length - 200)).toBeLessThan(40);
  });

  it.each([
    [{ logGamma: [0.3, -0.3] }, /randomGamma logGamma: not a range/],
    [{ logGamma: [1, 2, 3] }, /randomGamma logGamma/],
    [{ p: Number.NaN }, /randomGamma: p is not a probability/],
  ])('refuses %j', (params, message) => {
    expect(() => randomGamma(params as RandomGammaParams)).toThrow(message);
  });
});
