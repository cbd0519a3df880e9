import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/gamma.ts';
import * as reference from '../../src/reference/gamma.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

test.each([
  [
    [3, 2, 5, 6, 7],
    [0.74, 1.35, 1, 0.9, 2.5, 0.3],
  ],
  [[1, 1, 33, 3, 5], [1.1]],
])('powers of %j by %j equal the reference', async (shape, exponents) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const image = randomArray(shape, 2).map((value, n) => (n % 11 === 0 ? 0 : 3 * value));
  const x = scope.upload(image, shape);
  kernels.gammaInPlace(scope, x, scope.upload(Float32Array.from(exponents), shape.slice(0, 2)));
  const voxels = shape[2]! * shape[3]! * shape[4]!;
  const expected = reference.gammaInPlace(image, voxels, exponents);
  const actual = await gpu.read(x);
  // Relative to each value: small ones do not hide behind large ones.
  const relative = actual.map((value, n) => (expected[n] === 0 ? value + 1 : value / expected[n]!));
  expectClose(relative, new Float32Array(relative.length).fill(1), { rtol: 1e-5, shape });
});

test('an exponent of 1 leaves every bit alone', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const image = randomArray([1, 1, 4, 4, 40], 3);
  const x = scope.upload(image, [1, 1, 4, 4, 40]);
  kernels.gammaInPlace(scope, x, scope.upload(Float32Array.of(1), [1, 1]));
  expect(await gpu.read(x)).toEqual(image);
});

test('exponents of another number of channels are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([2, 1, 4, 4, 4]);
  expect(() => kernels.gammaInPlace(scope, x, scope.tensor([2, 2]))).toThrow(ShapeError);
});
