import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/concat.ts';
import * as reference from '../../src/reference/concat.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const exactly = { rtol: 0, atol: 0 };

test.each<[number, number[], number[]]>([
  [1, [1], [1, 1, 1]],
  [1, [1, 1], [1, 1, 1]],
  [2, [3, 1, 2], [3, 5, 7]],
  [2, [16, 16], [4, 4, 4]],
  [3, [2, 4, 1, 7, 3], [2, 2]],
  [2, [1, 3], []],
  [1, [1, 4], [32, 33, 64]],
])(
  'concat of batch %i, channels %j, size %j equals the reference',
  async (batch, channels, size) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const inputs = channels.map((c, i) => randomArray([batch, c, ...size], i));
    const tensors = inputs.map((x, i) => scope.upload(x, [batch, channels[i]!, ...size]));
    const y = kernels.concatForward(scope, tensors);
    const total = channels.reduce((a, b) => a + b, 0);
    expect(y.shape).toEqual([batch, total, ...size]);
    expectClose(await gpu.read(y), reference.concatForward(inputs, batch), {
      ...exactly,
      shape: y.shape,
    });
    const dy = randomArray(y.shape, 99);
    const lengths = channels.map((c) => c * product(size));
    const expected = reference.concatBackward(dy, lengths, batch);
    const dyTensor = scope.upload(dy, y.shape);
    for (const [i, tensor] of tensors.entries()) {
      const dx = kernels.concatBackward(scope, dyTensor, channels, i);
      expect(dx.shape).toEqual(tensor.shape);
      expectClose(await gpu.read(dx), expected[i]!, { ...exactly, shape: dx.shape });
    }
  },
);

test.each([
  [0, [3, 1, 2], [4, 5]],
  [2, [1, 7], [2, 3, 2]],
])('along axis %i sizes %j are joined and taken apart again', async (axis, sizes, others) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shapeOf = (size: number): number[] => [
    ...others.slice(0, axis),
    size,
    ...others.slice(axis),
  ];
  const inputs = sizes.map((size, i) => randomArray(shapeOf(size), i));
  const tensors = inputs.map((x, i) => scope.upload(x, shapeOf(sizes[i]!)));
  const y = kernels.concatForward(scope, tensors, axis);
  expect(y.shape).toEqual(shapeOf(sizes.reduce((sum, size) => sum + size, 0)));
  const before = product(others.slice(0, axis));
  expect(await gpu.read(y)).toEqual(reference.concatForward(inputs, before));
  for (const [i, input] of inputs.entries()) {
    const dx = kernels.concatBackward(scope, y, sizes, i, axis);
    expect(dx.shape).toEqual(tensors[i]!.shape);
    expect(await gpu.read(dx)).toEqual(input);
  }
});

test('a grid of more than 65,535 workgroups is copied to its end', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const voxels = 64 * 65_536 + 1;
  const values = Float32Array.from({ length: voxels }, (_, n) => n);
  const a = scope.upload(values, [1, 1, voxels]);
  const b = scope.upload(Float32Array.of(-1), [1, 1, 1]);
  expect(() => kernels.concatForward(scope, [a, b])).toThrow(ShapeError);
  const y = await gpu.read(kernels.concatForward(scope, [a, a]));
  expect([y[voxels - 1], y[voxels], y[2 * voxels - 1]]).toEqual([voxels - 1, 0, voxels - 1]);
});

test('inputs that do not fit together are refused with their shapes', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const a = scope.tensor([1, 2, 4, 4, 4]);
  const b = scope.tensor([1, 2, 4, 4, 3]);
  expect(() => kernels.concatForward(scope, [a, b])).toThrow(/\[1,2,4,4,4\], \[1,2,4,4,3\]/);
  expect(() => kernels.concatForward(scope, [])).toThrow(/no input/);
  expect(() => kernels.concatForward(scope, [a], 5)).toThrow(ShapeError);
  expect(() => kernels.concatBackward(scope, a, [1, 2], 0)).toThrow(ShapeError);
});
