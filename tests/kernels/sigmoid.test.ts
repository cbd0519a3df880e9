import { expect, test } from 'vitest';
import * as kernels from '../../src/kernels/sigmoid.ts';
import * as reference from '../../src/reference/sigmoid.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

test.each([[[1]], [[2, 1, 3, 5, 7]], [[1, 1, 33, 34, 35]]])(
  'sigmoid of %j equals the reference',
  async (shape) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = randomArray(shape, 1).map((value) => 4 * value);
    const y = await gpu.read(kernels.sigmoidForward(scope, scope.upload(x, shape)));
    expectClose(y, reference.sigmoidForward(x), { rtol: 2e-6, shape });
  },
);

test('of huge logits it is 0 and 1, of NaN it is NaN', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = Float32Array.of(-1e30, -200, 0, 200, 1e30, Number.NaN);
  const y = await gpu.read(kernels.sigmoidForward(scope, scope.upload(x, [6])));
  expect([...y]).toEqual([0, 0, 0.5, 1, 1, Number.NaN]);
});
