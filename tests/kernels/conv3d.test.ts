import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/conv3d.ts';
import { sumChannels } from '../../src/kernels/sum.ts';
import * as reference from '../../src/reference/conv3d.ts';
import { conv3dSizes } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { type Conv3dCase, conv3dCases } from '../helpers/conv3d_cases.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

async function checkAllPasses({
  x: xShape,
  weight: weightShape,
  options,
}: Conv3dCase): Promise<void> {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const sizes = conv3dSizes('test', xShape, weightShape, options);
  const yShape = [sizes.batch, sizes.outChannels, ...sizes.output];
  const [x, weight] = [randomArray(xShape, 1), randomArray(weightShape, 2)];
  const [bias, dy] = [randomArray([sizes.outChannels], 3), randomArray(yShape, 4)];
  const xT = scope.upload(x, xShape);
  const weightT = scope.upload(weight, weightShape);
  const biasT = scope.upload(bias, [bias.length]);
  const dyT = scope.upload(dy, yShape);
  const expected = reference.conv3dBackwardWeight(x, dy, sizes);
  const close = { rtol: 3e-6, atol: 1e-6 };
  expectClose(
    await gpu.read(kernels.conv3dForward(scope, xT, weightT, biasT, options)),
    reference.conv3dForward(x, weight, bias, sizes),
    { ...close, shape: yShape },
  );
  expectClose(
    await gpu.read(kernels.conv3dForward(scope, xT, weightT, null, options)),
    reference.conv3dForward(x, weight, null, sizes),
    { ...close, shape: yShape },
  );
  expectClose(
    await gpu.read(kernels.conv3dBackwardInput(scope, xShape, weightT, dyT, options)),
    reference.conv3dBackwardInput(weight, dy, sizes),
    { ...close, shape: xShape },
  );
  expectClose(
    await gpu.read(kernels.conv3dBackwardWeight(scope, xT, weightShape, dyT, options)),
    expected.dweight,
    { ...close, shape: weightShape },
  );
  expectClose(await gpu.read(sumChannels(scope, dyT)), expected.dbias, close);
}

describe('conv3d', () => {
  test.each(conv3dCases)('equals the reference in all passes: $name', async (conv3dCase) => {
    await checkAllPasses(conv3dCase);
  });
});

test('a grid of more than 65,535 workgroups is computed to its last voxel', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 1, 65, 256, 256];
  const x = new Float32Array(65 * 256 * 256).fill(1);
  x[x.length - 1] = 5;
  const y = kernels.conv3dForward(
    scope,
    scope.upload(x, shape),
    scope.upload(Float32Array.of(2), [1, 1, 1, 1, 1]),
    null,
  );
  const values = await gpu.read(y);
  expect(values[values.length - 1]).toBe(10);
  expect(values.findIndex((value) => value !== 2)).toBe(values.length - 1);
});

test('channels that do not match are refused with both layouts', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([1, 16, 4, 4, 4]);
  const weight = scope.tensor([32, 8, 3, 3, 3]);
  expect(() => kernels.conv3dForward(scope, x, weight, null)).toThrow(ShapeError);
  expect(() => kernels.conv3dForward(scope, x, weight, null)).toThrow(
    /8 input channels, x has 16.*NCDHW.*OIDHW/,
  );
});

test('a result larger than one binding is refused before it is allocated, with the numbers', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const limit = gpu.device.limits.maxStorageBufferBindingSize;
  const side = Math.ceil(Math.sqrt(limit / 4 / 64)) + 1;
  const before = gpu.pool.bytesInUse;
  expect(() => scope.tensor([1, 64, 1, side, side], 'huge')).toThrow(
    /'huge'.*needs .* MiB.*binds .* MiB/,
  );
  expect(gpu.pool.bytesInUse).toBe(before);
});

test('a bias gradient that cancels keeps its digits', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 64, 4, 8, 8];
  const dy = randomArray(shape, 3);
  const expected = Array.from({ length: 64 }, (_, channel) =>
    dy.subarray(256 * channel, 256 * (channel + 1)).reduce((sum, value) => sum + value, 0),
  );
  const dbias = await gpu.read(sumChannels(scope, scope.upload(dy, shape)));
  // Sums of 256 normal values reach 45; a chain of additions is off by up to 1.9e-5.
  expectClose(dbias, expected, { rtol: 0, atol: 1.2e-5 });
});
