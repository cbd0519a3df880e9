import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/bias_field.ts';
import * as reference from '../../src/reference/bias_field.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

test.each([
  [[2, 1, 6, 5, 4], 3],
  [[3, 2, 9, 1, 33], 2],
  [[1, 1, 1, 2, 3], 5],
  [[2, 1, 4, 4, 4], 0],
])('fields over %j of order %i equal the reference', async (shape, order) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const terms = ((order + 1) * (order + 2) * (order + 3)) / 6;
  const image = randomArray(shape, 1);
  const coefficients = randomArray([shape[0]!, terms], 2).map((value) => 0.4 * value);
  const x = scope.upload(image, shape);
  kernels.biasFieldInPlace(scope, x, scope.upload(coefficients, [shape[0]!, terms]), order);
  const expected = reference.biasFieldInPlace(image, shape, coefficients, order);
  const relative = (await gpu.read(x)).map((value, n) => value / expected[n]!);
  expectClose(relative, new Float32Array(relative.length).fill(1), { rtol: 1e-5, shape });
});

test('coefficients of 0 leave every bit alone', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const image = randomArray([1, 1, 4, 4, 40], 3);
  const x = scope.upload(image, [1, 1, 4, 4, 40]);
  kernels.biasFieldInPlace(scope, x, scope.upload(new Float32Array(20), [1, 20]), 3);
  expect(await gpu.read(x)).toEqual(image);
});

test('another number of coefficients than the order has is refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([2, 1, 4, 4, 4]);
  const run = () => kernels.biasFieldInPlace(scope, x, scope.tensor([2, 19]), 3);
  expect(run).toThrow(ShapeError);
  expect(run).toThrow(/\[2,20\]/);
});
