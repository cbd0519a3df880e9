import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { affine } from '../../../src/patch/transforms/affine.ts';
import {
  type RandomAffineParams,
  randomAffine,
} from '../../../src/patch/transforms/random_affine.ts';
import { Rng } from '../../../src/rng.ts';
import { randomArray } from '../../helpers/random.ts';

const N = 5;
const noise = {
  name: 'a',
  image: volume(randomArray([1, N, N, N], 3), [1, N, N, N], identityAffine()),
  label: volume(
    Float32Array.from({ length: N ** 3 }, (_, n) => n % 3),
    [1, N, N, N],
    identityAffine(),
  ),
};

/** Channel a holds the index along axis a, less that of the centre: a ramp whose slope tells the scale. */
const ramps = volume(
  Float32Array.from({ length: 3 * N ** 3 }, (_, n) => {
    const axis = Math.floor(n / N ** 3);
    return (Math.floor(n / N ** (2 - axis)) % N) - (N - 1) / 2;
  }),
  [3, N, N, N],
  identityAffine(),
);

/** What a motion without rotation was: scale and shift in voxels of each axis. */
function motionOf(params: RandomAffineParams, rng: Rng) {
  const { data } = randomAffine({ degrees: 0, p: 1, ...params }).apply(
    { name: 'a', image: ramps },
    rng,
  ).image;
  return [0, 1, 2].map((axis) => {
    const centre = axis * N ** 3 + (N ** 3 - 1) / 2;
    const slope = data[centre + N ** (2 - axis)]! - data[centre]!;
    return { scale: 1 / slope, shift: -data[centre]! };
  });
}

describe('randomAffine', () => {
  it('turns half of the subjects unless told otherwise, and returns the others as they are', () => {
    const rng = Rng.seed(5);
    const moved = Array.from({ length: 400 }, () => randomAffine().apply(noise, rng));
    const same = moved.filter((subject) => subject === noise).length;
    expect(Math.abs(same - 200)).toBeLessThan(40);
    expect(randomAffine({ p: 0 }).apply(noise, rng)).toBe(noise);
    expect(randomAffine({ p: 1 }).apply(noise, rng)).not.toBe(noise);
  });

  it('depends on the seed alone', () => {
    const run = (seed: number) =>
      [...randomAffine({ p: 1 }).apply(noise, Rng.seed(seed)).image.data].join();
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
  });

  it('is affine where the ranges are points', () => {
    const settings = { center: 'origin', defaultPadValue: 'minimum' } as const;
    const random = randomAffine({
      scales: [1.2, 1.2, 0.9, 0.9, 1, 1],
      degrees: [10, 10, -20, -20, 30, 30],
      translation: [1, 1],
      p: 1,
      ...settings,
    });
    const fixed = affine({
      scales: [1.2, 0.9, 1],
      degrees: [10, -20, 30],
      translation: 1,
      ...settings,
    });
    const [a, b] = [random, fixed].map((transform) => transform.apply(noise, Rng.seed(1)));
    expect([...a!.image.data]).toEqual([...b!.image.data]);
    expect([...a!.label!.data]).toEqual([...b!.label!.data]);
  });

  it('draws a scale and a shift for each axis from its range', () => {
    const rng = Rng.seed(2);
    const params = { scales: [1, 1.25], translation: [0, 0.2, -0.1, 0.1, -0.3, 0] };
    const motions = Array.from({ length: 200 }, () => motionOf(params, rng));
    const scales = motions.flat().map(({ scale }) => scale);
    expect(Math.min(...scales)).toBeGreaterThan(0.9999);
    expect(Math.max(...scales)).toBeLessThan(1.2501);
    expect(Math.abs(scales.reduce((a, b) => a + b) / 600 - 1.125)).toBeLessThan(0.012);
    const shifts = [0, 1, 2].map((axis) => motions.map((motion) => motion[axis]!.shift));
    for (const [axis, [low, high]] of [
      [0, 0.2],
      [-0.1, 0.1],
      [-0.3, 0],
    ].entries()) {
      expect(Math.min(...shifts[axis]!)).toBeGreaterThan(low! - 1e-4);
      expect(Math.max(...shifts[axis]!)).toBeLessThan(high! + 1e-4);
      expect(Math.max(...shifts[axis]!) - Math.min(...shifts[axis]!)).toBeGreaterThan(0.15);
    }
  });

  it('scales all axes alike only when isotropic', () => {
    const spread = (isotropic: boolean) => {
      const scales = motionOf({ scales: 0.2, isotropic }, Rng.seed(4)).map(({ scale }) => scale);
      return Math.max(...scales) - Math.min(...scales);
    };
    expect(spread(true)).toBeLessThan(1e-4);
    expect(spread(false)).toBeGreaterThan(0.01);
  });

  it('draws the same angles and shifts whether isotropic or not', () => {
    const run = (isotropic: boolean) =>
      [...randomAffine({ isotropic, p: 1 }).apply(noise, Rng.seed(9)).image.data].join();
    expect(run(true)).toBe(run(false));
  });

  it.each([
    [{ scales: 1 }, /scales must stay above 0/],
    [{ scales: [-1, 1] }, /scales must stay above 0/],
    [{ isotropic: true, scales: [0.1, 0.1, 0.1] }, /isotropic scales have one range/],
    [{ isotropic: 1 }, /isotropic 1/],
    [{ degrees: [1, 2, 3, 4] }, /randomAffine degrees/],
    [{ translation: [5, -5] }, /randomAffine translation: not a range/],
    [{ center: 'corner' }, /randomAffine: center/],
    [{ p: 2 }, /randomAffine: p is not a probability/],
  ])('refuses %j', (params, message) => {
    expect(() => randomAffine(params as RandomAffineParams)).toThrow(message);
  });
});
