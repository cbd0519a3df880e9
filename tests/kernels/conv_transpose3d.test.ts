import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/conv_transpose3d.ts';
import { sumChannels } from '../../src/kernels/sum.ts';
import * as reference from '../../src/reference/conv_transpose3d.ts';
import { convTranspose3dSizes } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { convTranspose3dCases, k3s2op1 } from '../helpers/conv_transpose3d_cases.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

describe('conv_transpose3d', () => {
  test.each(convTranspose3dCases)('equals the reference for %s', async (_name, given) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const weightShape = [given.x[1], given.out, ...given.kernel];
    const { stride, padding = [0, 0, 0], outputPadding = [0, 0, 0] } = given;
    const options = { stride, padding, outputPadding };
    const sizes = convTranspose3dSizes('test', given.x, weightShape, options);
    const shape = [given.x[0], given.out, ...sizes.output];
    const x = randomArray(given.x, 1);
    const weight = randomArray(weightShape, 2);
    const bias = randomArray([given.out], 3);
    const dy = randomArray(shape, 4);
    const xT = scope.upload(x, given.x);
    const weightT = scope.upload(weight, weightShape);
    const dyT = scope.upload(dy, shape);
    const biasT = scope.upload(bias, [given.out]);

    const y = kernels.convTranspose3dForward(scope, xT, weightT, biasT, options);
    expect(y.shape).toEqual(shape);
    expectClose(await gpu.read(y), reference.convTranspose3dForward(x, weight, bias, sizes), {
      shape,
    });
    const unbiased = kernels.convTranspose3dForward(scope, xT, weightT, null, options);
    expectClose(
      await gpu.read(unbiased),
      reference.convTranspose3dForward(x, weight, null, sizes),
      { shape },
    );

    const dx = kernels.convTranspose3dBackwardInput(scope, given.x, weightT, dyT, options);
    expectClose(await gpu.read(dx), reference.convTranspose3dBackwardInput(weight, dy, sizes), {
      shape: given.x,
    });

    const expected = reference.convTranspose3dBackwardWeight(x, dy, sizes);
    const dweight = kernels.convTranspose3dBackwardWeight(scope, xT, weightShape, dyT, options);
    expect(dweight.shape).toEqual(weightShape);
    expectClose(await gpu.read(dweight), expected.dweight, { shape: weightShape });
    expectClose(await gpu.read(sumChannels(scope, dyT)), expected.dbias);
  });

  test('gives the same bytes twice', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = scope.upload(randomArray([2, 5, 6, 7, 8], 1), [2, 5, 6, 7, 8]);
    const dy = scope.upload(randomArray([2, 3, 12, 14, 16], 2), [2, 3, 12, 14, 16]);
    const run = () => kernels.convTranspose3dBackwardWeight(scope, x, [5, 3, 3, 3, 3], dy, k3s2op1);
    expect(await gpu.read(run())).toEqual(await gpu.read(run()));
  });
});

test('a grid beyond 65,535 workgroups is whole', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 1, 162, 162, 162];
  const x = randomArray(shape, 1);
  const weight = scope.upload(Float32Array.of(2), [1, 1, 1, 1, 1]);
  const y = kernels.convTranspose3dForward(scope, scope.upload(x, shape), weight, null);
  expectClose(
    await gpu.read(y),
    x.map((value) => 2 * value),
  );
});

test('shapes that do not fit are refused with both', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([1, 4, 2, 2, 2]);
  const weight = scope.tensor([3, 2, 2, 2, 2]);
  expect(() => kernels.convTranspose3dForward(scope, x, weight, null)).toThrow(ShapeError);
  expect(() => kernels.convTranspose3dForward(scope, x, weight, null)).toThrow(
    /\[1,4,2,2,2\].*\[3,2,2,2,2\]/,
  );
});

test('an output padding that reaches the stride is refused, as in PyTorch', () => {
  const options = { stride: [2, 2, 1], outputPadding: 1 } as const;
  expect(() => convTranspose3dSizes('test', [1, 1, 2, 2, 2], [1, 1, 3, 3, 3], options)).toThrow(
    /outputPadding \[1,1,1\] for stride \[2,2,1\]/,
  );
});
