import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../../../src/errors.ts';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { gamma } from '../../../src/patch/transforms/gamma.ts';
import { Rng } from '../../../src/rng.ts';

const subject = (values: number[], channels = 1) => ({
  name: 'scan3',
  image: volume(
    Float32Array.from(values),
    [channels, 1, 1, values.length / channels],
    identityAffine(),
  ),
});
const apply = (exponent: number | readonly number[], values: number[], channels = 1) => [
  ...gamma({ gamma: exponent }).apply(subject(values, channels), Rng.seed(0)).image.data,
];

describe('gamma', () => {
  it('raises values to a power', () => {
    expect(apply(0.5, [0, 0.25, 4])).toEqual([0, 0.5, 2]);
    expect(apply(2, [0, 0.5, 3])).toEqual([0, 0.25, 9]);
  });

  it('keeps the sign of a channel with negative values', () => {
    expect(apply(0.5, [-4, 0, 9])).toEqual([-2, 0, 3]);
    expect(apply(2, [-3, 0, 2])).toEqual([-9, 0, 4]);
  });

  it('takes an exponent for each channel, and looks for negative values in each', () => {
    expect(apply([0.5, 2], [1, 4, -3, 2], 2)).toEqual([1, 2, -9, 4]);
  });

  it('changes nothing at 1, and never the label map or its input', () => {
    expect(apply(1, [-4, 0, 9.5])).toEqual([-4, 0, 9.5]);
    const before = { ...subject([4, 9]), label: subject([0, 2]).image };
    const after = gamma({ gamma: 0.5 }).apply(before, Rng.seed(0));
    expect(after.label).toBe(before.label);
    expect([...before.image.data]).toEqual([4, 9]);
  });

  it.each([0, -1, Number.NaN, [], [1, 0], 'x'])('refuses the exponent %j', (exponent) => {
    expect(() => gamma({ gamma: exponent as number })).toThrow(ConfigError);
  });

  it('refuses as many exponents as there are no channels', () => {
    expect(() => apply([1, 2, 3], [1, 2], 2)).toThrow(ShapeError);
    expect(() => apply([1, 2, 3], [1, 2], 2)).toThrow(/3 for the 2 channels of 'scan3'/);
  });
});
