import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../../../src/errors.ts';
import { applyAffine, fromParts, fromSpacing, identityAffine } from '../../../src/io/affine.ts';
import { type Affine, type Volume, volume } from '../../../src/io/volume.ts';
import { type AffineParams, affine } from '../../../src/patch/transforms/affine.ts';
import { Rng } from '../../../src/rng.ts';
import type { Triple } from '../../../src/shape.ts';
import { expectClose } from '../../helpers/close.ts';
import { LPS_SUBJECT } from '../../helpers/lps_subject.ts';
import { randomArray } from '../../helpers/random.ts';

const move = (image: Volume, params: AffineParams) =>
  affine(params).apply({ name: 'a', image }, Rng.seed(0)).image;

/** Axes turned by 30 degrees about z, voxels of 1.2 x 0.8 x 3 mm. */
const OBLIQUE = fromParts(
  [Math.sqrt(0.75), -0.5, 0, 0.5, Math.sqrt(0.75), 0, 0, 0, 1],
  [1.2, 0.8, 3],
  [-7, 11, 2],
);

/** Zeros but for 1 in one voxel. */
function bright(size: Triple, at: Triple, grid: Affine): Volume {
  const data = new Float32Array(size[0] * size[1] * size[2]);
  data[(at[0] * size[1] + at[1]) * size[2] + at[2]] = 1;
  return volume(data, [1, ...size], grid);
}

/** Centre of mass in mm. */
function centreOf({ data, shape, affine: grid }: Volume): Triple {
  const [, I, J, K] = shape;
  let mass = 0;
  const sum: [number, number, number] = [0, 0, 0];
  for (let n = 0; n < data.length; n++) {
    const index: Triple = [Math.floor(n / (J * K)) % I, Math.floor(n / K) % J, n % K];
    mass += data[n]!;
    for (const axis of [0, 1, 2] as const) sum[axis] += data[n]! * index[axis];
  }
  return applyAffine(grid, [sum[0] / mass, sum[1] / mass, sum[2] / mass]);
}

/** The values 0, 1, 2, ... along i, in a volume of several slices. */
const line = (values: number[], grid: Affine = identityAffine()) =>
  volume(
    Float32Array.from(values.flatMap((value) => [value, value])),
    [1, values.length, 1, 2],
    grid,
  );
const firstSlice = ({ data }: Volume) => [...data].filter((_, n) => n % 2 === 0);

describe('affine', () => {
  it.each([
    ['RAS', fromSpacing([0.7, 1.3, 2.9], [5, 6, 7])],
    ['LPS', LPS_SUBJECT.image.affine],
    ['oblique', OBLIQUE],
  ])('changes no value of a volume on %s axes when it moves nothing', (_, grid) => {
    const image = volume(randomArray([2, 5, 6, 7], 1), [2, 5, 6, 7], grid);
    for (const center of ['image', 'origin'] as const) {
      const moved = move(image, { center });
      expect([...moved.data]).toEqual([...image.data]);
      expect(moved.affine).toBe(image.affine);
    }
  });

  it.each<[AffineParams, Triple, Triple]>([
    [{ degrees: [0, 0, 90] }, [3, 2, 2], [2, 3, 2]],
    [{ degrees: [90, 0, 0] }, [2, 3, 2], [2, 2, 3]],
    [{ degrees: [0, 90, 0] }, [2, 2, 3], [3, 2, 2]],
    // x before z, and y before x.
    [{ degrees: [90, 0, 90] }, [2, 3, 2], [2, 2, 3]],
    [{ degrees: [90, 90, 0] }, [2, 2, 3], [3, 2, 2]],
    [{ translation: [2, -4, 0] }, [2, 3, 2], [3, 1, 2]],
    // Turning, then moving.
    [{ degrees: [0, 0, 90], translation: [2, 0, 0] }, [3, 2, 2], [3, 3, 2]],
  ])('%j brings the bright voxel %j to %j', (params, from, to) => {
    const grid = fromSpacing([2, 2, 2], [40, -30, 20]);
    const moved = move(bright([5, 5, 5], from, grid), params);
    expect([...moved.data]).toEqual([...bright([5, 5, 5], to, grid).data]);
  });

  it('moves a blob to S(R(p - c) + t) + c mm, whatever the axes of the grid', () => {
    const grid = fromParts([0, -1, 0, -1, 0, 0, 0, 0, 1], [1, 1, 1], [9, 30, -4]);
    const image = volume(new Float32Array(25 ** 3), [1, 25, 25, 25], grid);
    for (let n = 0; n < image.data.length; n++) {
      const index: Triple = [Math.floor(n / 625), Math.floor(n / 25) % 25, n % 25];
      const distance = Math.hypot(index[0] - 14, index[1] - 11, index[2] - 13);
      image.data[n] = Math.exp(-0.125 * distance ** 2);
    }
    const params = { scales: [1.2, 0.9, 1.1], degrees: [0, 0, 30], translation: [1, -2, 1.5] };
    const centre = applyAffine(grid, [12, 12, 12]);
    const [x, y, z] = centreOf(image).map((value, axis) => value - centre[axis]!) as [
      number,
      number,
      number,
    ];
    const [cos, sin] = [Math.sqrt(0.75), 0.5];
    const expected = [
      1.2 * (cos * x - sin * y + 1) + centre[0],
      0.9 * (sin * x + cos * y - 2) + centre[1],
      1.1 * (z + 1.5) + centre[2],
    ];
    expectClose(centreOf(move(image, params)), expected, { rtol: 0, atol: 0.05 });
  });

  it('moves to the right on left-pointing axes too', () => {
    const grid = LPS_SUBJECT.image.affine;
    const moved = move(bright([4, 3, 2], [2, 1, 0], grid), { translation: [1, 2, 0] });
    expect([...moved.data]).toEqual([...bright([4, 3, 2], [1, 0, 0], grid).data]);
  });

  it('magnifies above 1 and interpolates', () => {
    const moved = move(line([0, 1, 2, 3, 4]), { scales: [2, 1, 1] });
    expect(firstSlice(moved)).toEqual([1, 1.5, 2, 2.5, 3]);
  });

  it('scales about the world origin when told so', () => {
    const image = bright([5, 3, 2], [1, 1, 0], fromSpacing([1, 1, 1], [0, -1, 0]));
    const moved = move(image, {
      scales: [3, 1, 1],
      center: 'origin',
      imageInterpolation: 'nearest',
    });
    expect([2, 3, 4].map((i) => moved.data[(i * 3 + 1) * 2])).toEqual([1, 1, 1]);
    expect([...moved.data].reduce((a, b) => a + b)).toBe(3);
  });

  it('counts half a voxel beyond the border as scanned, and no more', () => {
    expect(firstSlice(move(line([5, 1, 2]), { translation: [0.5, 0, 0] }))).toEqual([5, 3, 1.5]);
    expect(firstSlice(move(line([5, 1, 2]), { translation: [-0.5, 0, 0] }))).toEqual([3, 1.5, 0]);
  });

  it.each([
    [7, [7, 7, 5, 1, 2]],
    ['minimum', [1, 1, 5, 1, 2]],
    // Faces across i: 18; across j, both the whole volume: 60; across k: 30; of 34 voxels.
    ['mean', [108 / 34, 108 / 34, 5, 1, 2]],
  ] as const)('fills what was not scanned with %s', (defaultPadValue, expected) => {
    const values = [5, 1, 2, 3, 4];
    const moved = move(line(values), { translation: [2, 0, 0], defaultPadValue });
    expectClose(firstSlice(moved), expected);
  });

  it('fills each channel with its own smallest value', () => {
    const image = volume(Float32Array.of(4, 3, 9, 8, -1, 5, 7, 6), [2, 2, 1, 2], identityAffine());
    const moved = move(image, { translation: [1, 0, 0], defaultPadValue: 'minimum' });
    expect([...moved.data]).toEqual([3, 3, 4, 3, -1, -1, -1, 5]);
  });

  it('keeps label values what they are, with 0 around them', () => {
    const image = volume(randomArray([1, 9, 9, 9], 2), [1, 9, 9, 9], identityAffine());
    const labels = Float32Array.from({ length: 729 }, (_, n) => [2, 5, 7][n % 3]!);
    const label = volume(labels, image.shape, image.affine);
    const transform = affine({ scales: 0.8, degrees: [10, 20, 30], defaultPadValue: 3 });
    const moved = transform.apply({ name: 'a', image, label }, Rng.seed(0));
    expect([...new Set(moved.label!.data)].sort()).toEqual([0, 2, 5, 7]);
    expect(new Set(label.data)).toEqual(new Set([2, 5, 7]));
  });

  it('moves image and label map together', () => {
    const labels = Float32Array.from({ length: 343 }, (_, n) => n % 4);
    const image = volume(labels, [1, 7, 7, 7], OBLIQUE);
    const transform = affine({ degrees: [9, 8, 7], translation: 1, imageInterpolation: 'nearest' });
    const moved = transform.apply({ name: 'a', image, label: image }, Rng.seed(0));
    expect([...moved.label!.data]).toEqual([...moved.image.data]);
    expect([...moved.label!.data]).not.toEqual([...labels]);
  });

  it('turns a single slice within its plane only', () => {
    const image = bright([3, 3, 1], [2, 1, 0], identityAffine());
    const moved = move(image, { degrees: [40, 50, 90], scales: [1, 1, 3] });
    expect([...moved.data]).toEqual([...bright([3, 3, 1], [1, 2, 0], identityAffine()).data]);
  });

  it('refuses a label map of another size', () => {
    const image = bright([3, 3, 3], [1, 1, 1], identityAffine());
    const subject = { name: 'scan7', image, label: bright([3, 3, 2], [1, 1, 1], identityAffine()) };
    expect(() => affine({ degrees: 3 }).apply(subject, Rng.seed(0))).toThrow(ShapeError);
    expect(() => affine({ degrees: 3 }).apply(subject, Rng.seed(0))).toThrow(/scan7/);
  });

  it.each([
    [{ scales: 0 }, /scales must be above 0/],
    [{ scales: [1, 2] }, /affine scales.*1 or 3/],
    [{ degrees: Number.NaN }, /affine degrees.*NaN/],
    [{ translation: 'far' }, /affine translation.*"far"/],
    [{ center: 'corner' }, /affine: center.*"corner"/],
    [{ defaultPadValue: 'otsu' }, /affine: defaultPadValue.*"otsu".*'minimum' or 'mean'/],
    [{ labelInterpolation: 'bspline' }, /affine: labelInterpolation.*"bspline"/],
  ])('refuses %j', (params, message) => {
    expect(() => affine(params as AffineParams)).toThrow(message);
    expect(() => affine(params as AffineParams)).toThrow(ConfigError);
  });
});
