import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/instance_norm_prelu.ts';
import * as reference from '../../src/reference/instance_norm_prelu.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const shapes = [
  [1, 1, 1, 1, 2],
  [1, 1, 3, 5, 7],
  [2, 3, 4, 5, 6],
  [2, 17, 1, 2, 3],
  [1, 2, 33, 34, 35],
  [1, 1, 1, 2, 2],
  [2, 2, 32, 34, 36],
  [1, 2, 16, 17, 4],
];

for (const shape of shapes) {
  const [batch, channels] = shape as [number, number];
  const sizes = { batch, channels, voxels: product(shape.slice(2)), eps: 1e-5 };
  test.each([1, channels])(
    `norm, PReLU and residual of [${shape}] equal the reference with %i slopes`,
    async (count) => {
      const gpu = await testGpu();
      using scope = gpu.scope();
      const x = randomArray(shape, 1).map((value) => 3 * value + 5);
      const slope = randomArray([count], 2);
      const residual = randomArray(shape, 3);
      const dy = randomArray(shape, 4);
      const upload = (data: Float32Array) => scope.upload(data, shape);
      const [xT, slopeT] = [upload(x), scope.upload(slope, [count])];
      const plain = kernels.instanceNormPreluForward(scope, xT, slopeT, null);
      const summed = kernels.instanceNormPreluForward(scope, xT, slopeT, upload(residual));
      const gradients = kernels.instanceNormPreluBackward(scope, xT, plain, slopeT, upload(dy));
      const close = { rtol: 1e-5, atol: 1e-5, shape };
      expectClose(
        await gpu.read(plain.y),
        reference.instanceNormPreluForward(x, slope, null, sizes),
        close,
      );
      expectClose(
        await gpu.read(summed.y),
        reference.instanceNormPreluForward(x, slope, residual, sizes),
        close,
      );
      const expected = reference.instanceNormPreluBackward(x, slope, dy, sizes);
      expectClose(await gpu.read(gradients.dx), expected.dx, close);
      expectClose(await gpu.read(gradients.dslope), expected.dslope, { rtol: 1e-5, atol: 1e-4 });
    },
  );
}

test('a mean of 1000 with a standard deviation of 1 loses no accuracy', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 2, 8, 8, 8];
  const x = randomArray(shape, 5).map((value) => 1000 + value);
  const slope = Float32Array.of(0.25);
  const { y } = kernels.instanceNormPreluForward(
    scope,
    scope.upload(x, shape),
    scope.upload(slope, [1]),
    null,
  );
  const sizes = { batch: 1, channels: 2, voxels: 512, eps: 1e-5 };
  expectClose(await gpu.read(y), reference.instanceNormPreluForward(x, slope, null, sizes), {
    rtol: 1e-4,
  });
});

test('a residual of another shape is refused with both shapes', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([1, 2, 2, 2, 2]);
  const residual = scope.tensor([1, 2, 2, 2, 1]);
  const run = () => kernels.instanceNormPreluForward(scope, x, scope.tensor([1]), residual);
  expect(run).toThrow(ShapeError);
  expect(run).toThrow(/residual.*\[1,2,2,2,1\] for x \[1,2,2,2,2\]/);
});
