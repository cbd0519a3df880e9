import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/relu.ts';
import * as reference from '../../src/reference/relu.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const exactly = { rtol: 0, atol: 0 };

test.each([[[1, 1, 1, 1, 1]], [[1, 1, 3, 5, 7]], [[2, 17, 4, 5, 6]]])(
  'relu of %j equals the reference',
  async (shape) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = randomArray(shape, 1);
    x[x.length - 1] = 0;
    const dy = randomArray(shape, 2);
    const xTensor = scope.upload(x, shape);
    const y = kernels.reluForward(scope, xTensor);
    const dx = kernels.reluBackward(scope, xTensor, scope.upload(dy, shape));
    expectClose(await gpu.read(y), reference.reluForward(x), { ...exactly, shape });
    expectClose(await gpu.read(dx), reference.reluBackward(x, dy), { ...exactly, shape });
  },
);

test('a NaN is not hidden, and dy of another shape is refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.upload(Float32Array.of(Number.NaN, -1), [1, 2]);
  expect([...(await gpu.read(kernels.reluForward(scope, x)))]).toEqual([Number.NaN, 0]);
  expect(() => kernels.reluBackward(scope, x, scope.tensor([2, 1]))).toThrow(ShapeError);
});
