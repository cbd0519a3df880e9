import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/blur.ts';
import * as reference from '../../src/reference/blur.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

/** Radius of 4 deviations, and the weight of a neighbour. */
const kernelOf = (sigma: number) =>
  sigma === 0 ? [0, 0] : [Math.trunc(4 * sigma + 0.5), Math.exp(-0.5 / sigma ** 2)];

test.each([
  [
    [2, 1, 8, 9, 10],
    [0.5, 1, 1.5, 0, 2, 0.7],
  ],
  [
    [1, 2, 33, 3, 5],
    [2, 2, 2],
  ],
  // The kernel is many times as long as the volume.
  [
    [1, 1, 2, 1, 3],
    [20, 5, 20],
  ],
])('blurs of %j by deviations %j equal the reference', async (shape, sigmas) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const image = randomArray(shape, 1);
  const weights = Float32Array.from(sigmas.flatMap(kernelOf));
  const before = gpu.pool.bytesInUse;
  const x = scope.upload(image, shape);
  const y = kernels.blurForward(scope, x, scope.upload(weights, [shape[0]!, 3, 2]));
  const expected = reference.blurForward(image, shape, weights);
  expectClose(await gpu.read(y), expected, { rtol: 2e-6, shape });
  expect(await gpu.read(x)).toEqual(image);
  for (const tensor of [x, y]) scope.release(tensor);
  // No scratch is left: only the kernels are in use.
  expect(gpu.pool.bytesInUse - before).toBe(256);
});

test('radii of 0 leave every bit alone', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const image = randomArray([1, 1, 4, 4, 40], 3);
  const x = scope.upload(image, [1, 1, 4, 4, 40]);
  const y = kernels.blurForward(scope, x, scope.upload(new Float32Array(6), [1, 3, 2]));
  expect(await gpu.read(y)).toEqual(image);
});

test('kernels of another number of samples are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([2, 1, 4, 4, 4]);
  expect(() => kernels.blurForward(scope, x, scope.tensor([1, 3, 2]))).toThrow(ShapeError);
});
