import { describe, expect, it } from 'vitest';
import { fromSpacing, identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { blur } from '../../../src/patch/transforms/blur.ts';
import { Rng } from '../../../src/rng.ts';
import { expectClose } from '../../helpers/close.ts';
import { randomArray } from '../../helpers/random.ts';

/** scipy.ndimage.gaussian_filter1d of a 1 among zeros, sigma 1: distances 0 to 4, then nothing. */
const SIGMA_1 = [0.39894347, 0.24197145, 0.05399113, 0.00443186, 0.00013383];

const apply = (image: ReturnType<typeof volume>, std: number | readonly number[]) =>
  blur({ std }).apply({ name: 'a', image }, Rng.seed(0)).image;

/** `values` along one axis of 1 mm. */
const line = (values: ArrayLike<number>, axis = 2) => {
  const shape = [1, 1, 1, 1];
  shape[axis + 1] = values.length;
  return volume(Float32Array.from(values), shape, identityAffine());
};

const impulse = (count: number, at: number) =>
  Float32Array.from({ length: count }, (_, n) => (n === at ? 1 : 0));

describe('blur', () => {
  it.each([0, 1, 2])(
    'spreads a voxel along axis %i as scipy does, to 4 standard deviations',
    (axis) => {
      const expected = [...SIGMA_1.slice(1).reverse(), ...SIGMA_1];
      const std = [0, 1, 2].map((other) => (other === axis ? 1 : 0));
      const blurred = apply(line(impulse(13, 6), axis), std);
      expectClose(blurred.data, [0, 0, ...expected, 0, 0], { rtol: 2e-7, atol: 1e-8 });
      expect([blurred.data[0], blurred.data[1], blurred.data[12]]).toEqual([0, 0, 0]);
    },
  );

  it('mirrors at the border, the last voxel repeated', () => {
    const [a, b, c, d, e] = SIGMA_1 as [number, number, number, number, number];
    const { data } = apply(line(impulse(8, 0)), [0, 0, 1]);
    expectClose(data, [a + b, b + c, c + d, d + e, e, 0, 0, 0], { atol: 2e-8 });
  });

  it('mirrors again and again where the kernel is longer than the volume', () => {
    const { data } = apply(line([1, 0]), [0, 0, 20]);
    expectClose(data, [0.5, 0.5], { rtol: 1e-4 });
  });

  it('is separable, and takes millimetres by the spacing of each axis', () => {
    const shape = [1, 9, 9, 9];
    const x = new Float32Array(729);
    x[364] = 1;
    const { data } = apply(volume(x, shape, fromSpacing([2, 0.5, 1.5])), [2, 0.5, 1.5]);
    const weight = (index: number) => SIGMA_1[Math.abs(index - 4)]!;
    const expected = Float32Array.from(
      { length: 729 },
      (_, n) => weight(Math.floor(n / 81)) * weight(Math.floor(n / 9) % 9) * weight(n % 9),
    );
    expectClose(data, expected, { rtol: 1e-6, shape });
  });

  it('leaves an axis without deviation alone, and everything where there is none', () => {
    const image = volume(randomArray([2, 3, 4, 5], 1), [2, 3, 4, 5], identityAffine());
    expect([...apply(image, 0).data]).toEqual([...image.data]);
    expect([...apply(image, 1e-16).data]).toEqual([...image.data]);
    // Axis 0 alone: every line along it keeps its sum.
    const { data } = apply(image, [0.9, 0, 0]);
    for (let n = 0; n < 20; n++) {
      const sum = (from: Float32Array | Float64Array) => from[n]! + from[20 + n]! + from[40 + n]!;
      expect(sum(data)).toBeCloseTo(sum(image.data), 5);
    }
  });

  it('blurs each channel alone, and neither the label map nor its input', () => {
    const image = volume(Float32Array.of(1, 1, 5, 5), [2, 1, 1, 2], identityAffine());
    const subject = { name: 'a', image, label: image };
    const blurred = blur({ std: 3 }).apply(subject, Rng.seed(0));
    expectClose(blurred.image.data, [1, 1, 5, 5], { rtol: 1e-6 });
    expect(blurred.label).toBe(image);
    expect([...image.data]).toEqual([1, 1, 5, 5]);
  });

  it.each([
    [-1, /std must not be negative.*\[-1,-1,-1\]/],
    [[1, 2], /blur std.*1 or 3/],
    ['soft', /blur std.*"soft"/],
  ])('refuses a deviation of %j', (std, message) => {
    expect(() => blur({ std: std as number })).toThrow(message);
  });
});
