import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/conv_transpose3d.ts';
import { sumChannels } from '../../src/kernels/sum.ts';
import * as reference from '../../src/reference/conv_transpose3d.ts';
import { convTranspose3dSizes } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

type Triple = [number, number, number];
interface Case {
  x: [number, number, number, number, number];
  out: number;
  kernel: Triple;
  stride: Triple;
  padding?: Triple;
  outputPadding?: Triple;
}

const k3s2 = { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1] } satisfies Partial<Case>;
const k3s2op1 = { ...k3s2, outputPadding: [1, 1, 1] } satisfies Partial<Case>;
const k2s2 = { kernel: [2, 2, 2], stride: [2, 2, 2] } satisfies Partial<Case>;

const cases: [string, Case][] = [
  ['one voxel, one channel', { x: [1, 1, 1, 1, 1], out: 1, ...k3s2op1 }],
  ['one voxel, batch 2', { x: [2, 3, 1, 1, 1], out: 5, ...k3s2op1 }],
  ['odd sizes', { x: [2, 3, 3, 5, 7], out: 2, ...k3s2op1 }],
  ['no output padding', { x: [1, 4, 3, 4, 5], out: 8, ...k3s2 }],
  ['mixed output padding', { x: [1, 4, 4, 3, 2], out: 9, ...k3s2, outputPadding: [1, 0, 1] }],
  ['channels beyond a block', { x: [1, 17, 2, 3, 4], out: 11, ...k3s2op1 }],
  ['whole blocks', { x: [1, 16, 4, 8, 8], out: 16, ...k3s2op1 }],
  ['batch 2 and whole blocks', { x: [2, 8, 2, 4, 12], out: 8, ...k3s2op1 }],
  ['kernel 2', { x: [2, 5, 3, 2, 9], out: 7, ...k2s2 }],
  ['kernel 2, whole blocks', { x: [1, 16, 2, 4, 8], out: 16, ...k2s2 }],
  [
    'anisotropic stride',
    {
      x: [2, 6, 3, 4, 5],
      out: 9,
      kernel: [3, 3, 3],
      stride: [2, 2, 1],
      padding: [1, 1, 1],
      outputPadding: [1, 1, 0],
    },
  ],
  ['stride 1', { x: [1, 3, 4, 3, 5], out: 4, kernel: [3, 3, 3], stride: [1, 1, 1] }],
  [
    'stride beyond the kernel',
    { x: [1, 2, 2, 3, 2], out: 3, kernel: [1, 2, 2], stride: [3, 3, 4], outputPadding: [2, 0, 3] },
  ],
  [
    'a large kernel',
    { x: [1, 2, 3, 2, 3], out: 2, kernel: [5, 4, 3], stride: [2, 3, 1], padding: [2, 1, 0] },
  ],
];

const variants = {
  readable: {
    forward: kernels.convTranspose3dForwardNaive,
    backwardInput: kernels.convTranspose3dBackwardInputNaive,
    backwardWeight: kernels.convTranspose3dBackwardWeightNaive,
  },
  tiled: {
    forward: kernels.convTranspose3dForward,
    backwardInput: kernels.convTranspose3dBackwardInput,
    backwardWeight: kernels.convTranspose3dBackwardWeight,
  },
};

describe.each(Object.entries(variants))('the %s kernels of conv_transpose3d', (_, variant) => {
  test.each(cases)('equal the reference for %s', async (_name, given) => {
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

    const y = variant.forward(scope, xT, weightT, biasT, options);
    expect(y.shape).toEqual(shape);
    expectClose(await gpu.read(y), reference.convTranspose3dForward(x, weight, bias, sizes), {
      shape,
    });
    const unbiased = variant.forward(scope, xT, weightT, null, options);
    expectClose(
      await gpu.read(unbiased),
      reference.convTranspose3dForward(x, weight, null, sizes),
      { shape },
    );

    const dx = variant.backwardInput(scope, given.x, weightT, dyT, options);
    expectClose(await gpu.read(dx), reference.convTranspose3dBackwardInput(weight, dy, sizes), {
      shape: given.x,
    });

    const expected = reference.convTranspose3dBackwardWeight(x, dy, sizes);
    const dweight = variant.backwardWeight(scope, xT, weightShape, dyT, options);
    expect(dweight.shape).toEqual(weightShape);
    expectClose(await gpu.read(dweight), expected.dweight, { shape: weightShape });
    expectClose(await gpu.read(sumChannels(scope, dyT)), expected.dbias);
  });

  test('give the same bytes twice', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = scope.upload(randomArray([2, 5, 6, 7, 8], 1), [2, 5, 6, 7, 8]);
    const dy = scope.upload(randomArray([2, 3, 12, 14, 16], 2), [2, 3, 12, 14, 16]);
    const run = () => variant.backwardWeight(scope, x, [5, 3, 3, 3, 3], dy, k3s2op1);
    expect(await gpu.read(run())).toEqual(await gpu.read(run()));
  });
});

test('a grid beyond 65,535 workgroups is whole', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 1, 162, 162, 162];
  const x = randomArray(shape, 1);
  const weight = scope.upload(Float32Array.of(2), [1, 1, 1, 1, 1]);
  const y = kernels.convTranspose3dForwardNaive(scope, scope.upload(x, shape), weight, null);
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
