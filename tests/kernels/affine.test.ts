import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/affine.ts';
import * as reference from '../../src/reference/affine.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
/** A quarter turn about W, of a cube of 6. */
const QUARTER = [0, 1, 0, 0, -1, 0, 0, 5, 0, 0, 1, 0];
/** Turned, scaled and moved partly out of the volume; no position is near the middle of two voxels. */
const OBLIQUE = [
  0.8313, -0.3127, 0.1131, 1.3717, 0.2911, 0.9133, -0.1719, -1.1327, -0.0713, 0.1931, 1.2117,
  0.4319,
];

const MOTIONS = new Float32Array([...IDENTITY, ...QUARTER, ...OBLIQUE]);
const labels = (shape: readonly number[]) =>
  Uint32Array.from({ length: product(shape) }, (_, n) => (n * 7) % 5);

describe.each([
  [[3, 1, 6, 6, 6], 0],
  [[3, 2, 6, 6, 6], -1.5],
  [[3, 1, 6, 6, 35], 0.25],
])('of %j with %f outside', (shape, outside) => {
  test('affineImage equals the reference', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = randomArray(shape, 1);
    const motions = scope.upload(MOTIONS, [3, 3, 4]);
    const y = kernels.affineImage(scope, scope.upload(x, shape), motions, outside);
    const actual = await gpu.read(y);
    expectClose(actual, reference.affineImage(x, shape, MOTIONS, outside), { rtol: 1e-5, shape });
    const sample = x.length / 3;
    expect(actual.slice(0, sample)).toEqual(x.slice(0, sample));
    expect(new Set(actual.subarray(2 * sample)).has(outside)).toBe(true);
  });

  test('affineLabels equals the reference exactly', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = labels(shape);
    const motions = scope.upload(MOTIONS, [3, 3, 4]);
    const y = kernels.affineLabels(scope, scope.upload(x, shape), motions);
    const expected = reference.affineLabels(x, shape, MOTIONS);
    expect(await gpu.read<'u32'>(y)).toEqual(expected);
    expect(expected.filter((value, n) => value !== x[n]).length).toBeGreaterThan(x.length / 6);
  });
});

test('half a voxel beyond the border belongs to the volume at its start, not at its end', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.upload(Float32Array.of(5, 1, 2), [1, 1, 1, 1, 3]);
  const moved = (by: number) => {
    const motion = Float32Array.from(IDENTITY);
    motion[11] = by;
    return gpu.read(kernels.affineImage(scope, x, scope.upload(motion, [1, 3, 4]), 9));
  };
  expect([...(await moved(-0.5))]).toEqual([5, 3, 1.5]);
  expect([...(await moved(0.5))]).toEqual([3, 1.5, 9]);
});

test('shapes that do not fit are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const motions = scope.upload(MOTIONS, [3, 3, 4]);
  const x = scope.tensor([2, 1, 4, 4, 4]);
  expect(() => kernels.affineImage(scope, x, motions, 0)).toThrow(ShapeError);
  expect(() => kernels.affineImage(scope, x, motions, 0)).toThrow(/motions.*\[3,3,4\].*\[2,3,4\]/);
  expect(() => kernels.affineLabels(scope, scope.tensor([4, 4], 'x', 'u32'), motions)).toThrow(
    /NCDHW|\[N,C,D,H,W\]/,
  );
});
