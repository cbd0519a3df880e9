import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/flip.ts';
import * as reference from '../../src/reference/flip.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

test.each([
  [
    [8, 1, 3, 4, 5],
    [0, 1, 2, 3, 4, 5, 6, 7],
  ],
  [
    [2, 2, 7, 1, 33],
    [7, 4],
  ],
  [[1, 3, 1, 1, 2], [5]],
])('flips of %j along axes %j equal the reference exactly', async (shape, bits) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const axes = scope.upload(Uint32Array.from(bits), [bits.length]);
  const image = randomArray(shape, 1);
  const x = scope.upload(image, shape);
  kernels.flipInPlace(scope, x, axes);
  expect(await gpu.read(x)).toEqual(reference.flipInPlace(image, shape, bits));

  const classes = Uint32Array.from(image, (_, n) => n);
  const labels = scope.upload(classes, shape);
  kernels.flipInPlace(scope, labels, axes);
  expect(await gpu.read<'u32'>(labels)).toEqual(reference.flipInPlace(classes, shape, bits));
});

test('axes of another number of samples are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const axes = scope.tensor([3], 'axes', 'u32');
  expect(() => kernels.flipInPlace(scope, scope.tensor([2, 1, 4, 4, 4]), axes)).toThrow(ShapeError);
});
