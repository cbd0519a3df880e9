import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/instance_norm.ts';
import * as reference from '../../src/reference/instance_norm.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const shapes = [
  [1, 1, 1, 2, 3],
  [1, 1, 1, 1, 1],
  [2, 3, 3, 5, 7],
  [2, 16, 2, 2, 2],
  [1, 2, 31, 37, 13],
  [3, 1, 4, 8, 16],
  [1, 2, 64, 64, 17],
  [1, 3, 32, 33, 34],
];

describe.each(shapes.map((shape) => [shape]))('instance_norm of %j', (shape) => {
  const [batch, channels] = shape as [number, number];
  const sizes = { batch, channels, voxels: product(shape.slice(2)), eps: 1e-5 };

  test.each([
    ['without weights', 0, 1],
    ['with weight and bias', 2, 1],
    ['at mean 1000, std 1', 0, 1000],
    ['at mean -50, std 0.01', 0, -5000],
  ] as const)('equals the reference %s', async (_, affine, mean) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const scale = mean === -5000 ? 0.01 : 1;
    const x = randomArray(shape, 1).map((value) => (value + mean) * scale);
    const dy = randomArray(shape, 2);
    const weight = affine ? randomArray([channels], 3) : null;
    const bias = affine ? randomArray([channels], 4) : null;
    const xT = scope.upload(x, shape);
    const dyT = scope.upload(dy, shape);
    const weightT = weight ? scope.upload(weight, [channels]) : null;
    const biasT = bias ? scope.upload(bias, [channels]) : null;
    // The mean is a float32: half its last bit is a shift of y by 6e-8 * |mean / std|.
    const rtol = Math.max(2e-6, 1.2e-7 * Math.abs(mean));

    const { y, ...statistics } = kernels.instanceNormForward(scope, xT, weightT, biasT);
    expectClose(await gpu.read(y), reference.instanceNormForward(x, weight, bias, sizes), {
      rtol,
      shape,
    });
    const { dx, dweight, dbias } = kernels.instanceNormBackward(
      scope,
      xT,
      statistics,
      weightT,
      dyT,
    );
    const expected = reference.instanceNormBackward(x, weight, dy, sizes);
    expectClose(await gpu.read(dx), expected.dx, { rtol, shape });
    if (!affine) return expect([dweight, dbias]).toEqual([null, null]);
    expectClose(await gpu.read(dweight!), expected.dweight);
    expectClose(await gpu.read(dbias!), expected.dbias);
  });
});

test('a constant channel gives 0, not NaN', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.upload(new Float32Array(600).fill(1234.5), [1, 2, 3, 10, 10]);
  const { y, rstd } = kernels.instanceNormForward(scope, x, null, null);
  expect([...(await gpu.read(y))].every((value) => value === 0)).toBe(true);
  expectClose(await gpu.read(rstd), [1 / Math.sqrt(1e-5), 1 / Math.sqrt(1e-5)]);
});

test('an outlier in the first voxel does not spoil the variance of the others', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 1, 32, 32, 32];
  const x = randomArray(shape, 5);
  x[0] = 1e4;
  const sizes = { batch: 1, channels: 1, voxels: x.length, eps: 1e-5 };
  const { y } = kernels.instanceNormForward(scope, scope.upload(x, shape), null, null);
  // Without the outlier, which would widen the bound for all others.
  const expected = reference.instanceNormForward(x, null, null, sizes);
  expectClose((await gpu.read(y)).subarray(1), expected.subarray(1));
});

test('a weight that does not fit the channels is refused with both shapes', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([1, 4, 2, 2, 2]);
  const weight = scope.tensor([3]);
  expect(() => kernels.instanceNormForward(scope, x, weight, null)).toThrow(ShapeError);
  expect(() => kernels.instanceNormForward(scope, x, weight, null)).toThrow(/\[3\].*\[1,4,2,2,2\]/);
});
