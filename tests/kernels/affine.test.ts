import { expect, test } from 'vitest';
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
const labelsOf = (shape: readonly number[]) =>
  Uint32Array.from({ length: shape[0]! * product(shape.slice(2)) }, (_, n) => (n * 7) % 5);

test.each([
  [[3, 1, 6, 6, 6], 0],
  [[3, 2, 6, 6, 6], -1.5],
  [[3, 1, 6, 6, 35], 0.25],
])('motions of %j with %f outside equal the reference, labels exactly', async (shape, outside) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const image = randomArray(shape, 1);
  const classes = labelsOf(shape);
  const labels = scope.upload(classes, [3, 1, ...shape.slice(2)]);
  const motions = scope.upload(MOTIONS, [3, 3, 4]);
  const result = kernels.affineForward(scope, scope.upload(image, shape), labels, motions, outside);
  const [y, moved] = [await gpu.read(result.y), await gpu.read<'u32'>(result.moved)];
  const expected = reference.affineForward(image, shape, classes, MOTIONS, outside);
  expectClose(y, expected.y, { rtol: 1e-5, shape });
  expect(moved).toEqual(expected.moved);
  const sample = image.length / 3;
  expect(y.slice(0, sample)).toEqual(image.slice(0, sample));
  expect(new Set(y.subarray(2 * sample)).has(outside)).toBe(true);
  const changed = moved.filter((value, n) => value !== classes[n]);
  expect(changed.length).toBeGreaterThan(classes.length / 6);
});

test('half a voxel beyond the border belongs to the volume at its start, not at its end', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 1, 1, 1, 3];
  const x = scope.upload(Float32Array.of(5, 1, 2), shape);
  const labels = scope.upload(Uint32Array.of(5, 1, 2), shape);
  const moved = async (by: number) => {
    const motion = Float32Array.from(IDENTITY);
    motion[11] = by;
    const result = kernels.affineForward(scope, x, labels, scope.upload(motion, [1, 3, 4]), 9);
    return [[...(await gpu.read(result.y))], [...(await gpu.read<'u32'>(result.moved))]];
  };
  // Half-way between two, the later one is the nearest.
  expect(await moved(-0.5)).toEqual([
    [5, 3, 1.5],
    [5, 1, 2],
  ]);
  expect(await moved(0.5)).toEqual([
    [3, 1.5, 9],
    [1, 2, 0],
  ]);
});

test('shapes that do not fit are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const motions = scope.upload(MOTIONS, [3, 3, 4]);
  const run = (image: number[], labels: number[]) => () =>
    kernels.affineForward(
      scope,
      scope.tensor(image),
      scope.tensor(labels, 'labels', 'u32'),
      motions,
      0,
    );
  expect(run([2, 1, 4, 4, 4], [2, 1, 4, 4, 4])).toThrow(ShapeError);
  expect(run([2, 1, 4, 4, 4], [2, 1, 4, 4, 4])).toThrow(/motions.*\[3,3,4\].*\[2,3,4\]/);
  expect(run([3, 2, 4, 4, 4], [3, 2, 4, 4, 4])).toThrow(/labels.*\[3,1,4,4,4\]/);
  expect(run([4, 4], [4, 4])).toThrow(/\[N,C,D,H,W\]/);
});
