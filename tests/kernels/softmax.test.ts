import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/softmax.ts';
import * as reference from '../../src/reference/softmax.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

test.each([
  [[1, 1, 1, 1, 1]],
  [[2, 3, 3, 5, 7]],
  [[1, 17, 1, 2, 3]],
  [[3, 2]],
  [[2, 2, 33, 34, 35]],
])('softmax of %j equals the reference, also for large logits', async (shape) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const [, channels, ...spatial] = shape as [number, number, ...number[]];
  const layout = { channels, voxels: product(spatial) };
  const dy = randomArray(shape, 2);
  for (const scale of [1, 1000]) {
    const x = randomArray(shape, 1).map((value) => scale * (value + 3));
    const y = kernels.softmaxForward(scope, scope.upload(x, shape));
    const dx = kernels.softmaxBackward(scope, y, scope.upload(dy, shape));
    const expected = reference.softmaxForward(x, layout);
    expectClose(await gpu.read(y), expected, { rtol: 2e-6, shape });
    const gradient = reference.softmaxBackward(expected, dy, layout);
    expectClose(await gpu.read(dx), gradient, { rtol: 3e-6, atol: 1e-6, shape });
  }
});

test('more voxels than one row of workgroups holds are all written', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const voxels = 64 * 65_536 + 1;
  const x = scope.upload(new Float32Array(2 * voxels), [1, 2, voxels]);
  const y = await gpu.read(kernels.softmaxForward(scope, x));
  expect(y.every((value) => value === 0.5)).toBe(true);
});

test('a tensor without channels and a dy of another shape are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  expect(() => kernels.softmaxForward(scope, scope.tensor([4]))).toThrow(ShapeError);
  const y = scope.tensor([1, 2, 3]);
  expect(() => kernels.softmaxBackward(scope, y, scope.tensor([1, 3, 2]))).toThrow(
    /\[1,2,3\].*\[1,3,2\]/,
  );
});
