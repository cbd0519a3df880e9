import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { biasField } from '../../../src/patch/transforms/bias_field.ts';
import {
  type RandomBiasFieldParams,
  randomBiasField,
} from '../../../src/patch/transforms/random_bias_field.ts';
import { Rng } from '../../../src/rng.ts';

const subject = {
  name: 'a',
  image: volume(new Float32Array(27).fill(1), [1, 3, 3, 3], identityAffine()),
};

describe('randomBiasField', () => {
  it.each([
    [{ coefficients: 0.2 }, -0.2, 0.2],
    [{ coefficients: [0.1, 0.4] }, 0.1, 0.4],
    [{}, -0.5, 0.5],
  ])('%j draws coefficients evenly', (params, low, high) => {
    const rng = Rng.seed(1);
    // Of order 0 the field is e to the power of the only coefficient.
    const transform = randomBiasField({ order: 0, p: 1, ...params });
    const drawn = Array.from({ length: 500 }, () =>
      Math.log(transform.apply(subject, rng).image.data[0]!),
    );
    expect(Math.min(...drawn)).toBeGreaterThan(low - 1e-6);
    expect(Math.max(...drawn)).toBeLessThan(high + 1e-6);
    const mean = drawn.reduce((a, b) => a + b) / 500;
    expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(0.05 * (high - low));
  });

  it('is biasField where the range is a point, of order 3 unless told otherwise', () => {
    const random = randomBiasField({ coefficients: [0.1, 0.1], p: 1 }).apply(subject, Rng.seed(1));
    const fixed = biasField({ coefficients: new Array(20).fill(0.1) }).apply(subject, Rng.seed(1));
    expect([...random.image.data]).toEqual([...fixed.image.data]);
  });

  it('depends on the seed, and leaves half of the subjects alone unless told otherwise', () => {
    const run = (seed: number) => [
      ...randomBiasField({ p: 1 }).apply(subject, Rng.seed(seed)).image.data,
    ];
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    const rng = Rng.seed(3);
    const same = Array.from(
      { length: 400 },
      () => randomBiasField().apply(subject, rng) === subject,
    );
    expect(Math.abs(same.filter(Boolean).length - 200)).toBeLessThan(40);
  });

  it.each([
    [{ coefficients: -1 }, /randomBiasField coefficients: not a range/],
    [{ coefficients: [1, 2, 3] }, /randomBiasField coefficients/],
    [{ order: 1.5 }, /randomBiasField: order.*1\.5/],
    [{ p: '1' }, /randomBiasField: p is not a probability/],
  ])('refuses %j', (params, message) => {
    expect(() => randomBiasField(params as RandomBiasFieldParams)).toThrow(message);
  });
});
