import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/add.ts';
import * as reference from '../../src/reference/add.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

test.each([[[1]], [[1, 1, 3, 5, 7]], [[2, 17, 4, 5, 6]]])(
  'add of %j equals the reference',
  async (shape) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const [a, b] = [randomArray(shape, 1), randomArray(shape, 2)];
    const y = kernels.addForward(scope, scope.upload(a, shape), scope.upload(b, shape));
    const expected = reference.addForward(a, b);
    expectClose(await gpu.read(y), expected, { rtol: 0, atol: 0, shape });
    const [into, other] = [scope.upload(a, shape), scope.upload(b, shape)];
    kernels.addInPlace(scope, into, other);
    expectClose(await gpu.read(into), expected, { rtol: 0, atol: 0, shape });
    expect(await gpu.read(other)).toEqual(b);
  },
);

test('a tensor can be added to itself', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const a = scope.upload(Float32Array.of(1, 2), [2]);
  expect([...(await gpu.read(kernels.addForward(scope, a, a)))]).toEqual([2, 4]);
});

test('nothing is broadcast: other shapes are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const [a, b] = [scope.tensor([1, 4, 2]), scope.tensor([1, 1, 2])];
  expect(() => kernels.addForward(scope, a, b)).toThrow(ShapeError);
  expect(() => kernels.addInPlace(scope, a, b)).toThrow(ShapeError);
  expect(() => kernels.addForward(scope, a, b)).toThrow(/\[1,4,2\].*\[1,1,2\]/);
});
