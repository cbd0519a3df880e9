import { describe, expect, test } from 'vitest';
import * as shared from '../../../src/kernels/variants/shared.ts';
import type { ConvInputs, Traits, Variant } from '../../../src/kernels/variants/variant.ts';
import * as transposed from '../../../src/reference/conv_transpose3d.ts';
import * as conv from '../../../src/reference/conv3d.ts';
import { type ConvSizes, conv3dSizes, convTranspose3dSizes } from '../../../src/shape.ts';
import { expectClose } from '../../helpers/close.ts';
import { convTranspose3dCases } from '../../helpers/conv_transpose3d_cases.ts';
import { type Conv3dCase, conv3dCases } from '../../helpers/conv3d_cases.ts';
import { testGpu } from '../../helpers/gpu.ts';
import { expectHalf, hasHalf } from '../../helpers/half.ts';
import { randomArray } from '../../helpers/random.ts';

/** Subgroups are optional: without them, the test of their kernel is skipped and this line says so. */
const subgroups = (await testGpu()).device.features.has('subgroups');
if (!subgroups) console.warn('no feature subgroups here: tests of their kernel are skipped');

/** A GPU with the limits that every WebGPU adapter has, and subgroups where the test adapter has them. */
const plainGpu: Traits = {
  software: false,
  slowCompiler: false,
  subgroups,
  subgroupMinSize: 0,
  f16: false,
  workgroupBytes: 16384,
  workgroupThreads: 256,
  dtype: 'f32',
};

const same = { padding: 1 };
const flat = { padding: [0, 1, 1] } as const;
const strides = { stride: [3, 2, 2], padding: [4, 1, 3], dilation: [2, 3, 1] } as const;
const deep = { padding: [2, 1, 1], dilation: [2, 1, 1] } as const;
/** Shapes that end inside a tile, or need more than one, in every axis and along the channels. */
const edges: readonly Conv3dCase[] = [
  { name: '33 to 65 channels', x: [1, 33, 3, 5, 7], weight: [65, 33, 3, 3, 3], options: same },
  { name: '65 to 33 channels', x: [2, 65, 3, 3, 5], weight: [33, 65, 1, 1, 1], options: {} },
  { name: '18 to 31 channels', x: [1, 18, 4, 9, 10], weight: [31, 18, 3, 3, 3], options: same },
  { name: 'flat, 9 to 20', x: [2, 9, 9, 6, 11], weight: [20, 9, 1, 3, 3], options: flat },
  { name: 'a wide row', x: [1, 2, 2, 3, 71], weight: [6, 2, 3, 3, 3], options: same },
  { name: 'strides', x: [2, 6, 11, 12, 13], weight: [7, 6, 5, 3, 2], options: strides },
  { name: 'a tall slice', x: [1, 3, 1, 67, 2], weight: [5, 3, 1, 3, 3], options: flat },
  { name: 'a deep column', x: [1, 2, 37, 2, 3], weight: [9, 2, 3, 3, 3], options: same },
  {
    name: '12 channels, 5',
    x: [2, 12, 5, 6, 7],
    weight: [12, 12, 5, 5, 5],
    options: { padding: 2 },
  },
  { name: 'dilated depth', x: [1, 9, 9, 4, 5], weight: [8, 9, 3, 3, 3], options: deep },
];

/** One problem: its sizes, and the shape of its weight in its op's order. */
interface Problem {
  readonly name: string;
  readonly sizes: ConvSizes;
  readonly weight: readonly number[];
}

const convolutions = [...conv3dCases, ...edges].map(
  ({ name, x, weight, options }): Problem => ({
    name,
    sizes: conv3dSizes('test', x, weight, options),
    weight,
  }),
);

const transposedConvolutions = convTranspose3dCases.map(([name, given]): Problem => {
  const weight = [given.x[1], given.out, ...given.kernel];
  const { stride, padding = [0, 0, 0], outputPadding = [0, 0, 0] } = given;
  const options = { stride, padding, outputPadding };
  return { name, sizes: convTranspose3dSizes('test', given.x, weight, options), weight };
});

type Arrays = Readonly<Record<'x' | 'weight' | 'bias' | 'dy', Float32Array>>;

/** A pass: its variants, its problems, and what it should compute. */
interface Pass {
  readonly title: string;
  readonly variants: readonly Variant<ConvInputs>[];
  readonly problems: readonly Problem[];
  readonly expected: (arrays: Arrays, sizes: ConvSizes) => Float32Array;
}

const passes: readonly Pass[] = [
  {
    title: 'conv3d forward',
    variants: shared.SHARED_FORWARD,
    problems: convolutions,
    expected: ({ x, weight, bias }, sizes) => conv.conv3dForward(x, weight, bias, sizes),
  },
  {
    title: 'conv3d backward input',
    variants: shared.SHARED_BACKWARD_INPUT,
    problems: convolutions,
    expected: ({ weight, dy }, sizes) => conv.conv3dBackwardInput(weight, dy, sizes),
  },
  {
    title: 'conv3d backward weight',
    variants: shared.SHARED_BACKWARD_WEIGHT,
    problems: convolutions,
    expected: ({ x, dy }, sizes) => conv.conv3dBackwardWeight(x, dy, sizes).dweight,
  },
  {
    title: 'conv_transpose3d forward',
    variants: shared.SHARED_TRANSPOSED_FORWARD,
    problems: transposedConvolutions,
    expected: ({ x, weight, bias }, sizes) =>
      transposed.convTranspose3dForward(x, weight, bias, sizes),
  },
  {
    title: 'conv_transpose3d backward input',
    variants: shared.SHARED_TRANSPOSED_BACKWARD_INPUT,
    problems: transposedConvolutions,
    expected: ({ weight, dy }, sizes) => transposed.convTranspose3dBackwardInput(weight, dy, sizes),
  },
  {
    title: 'conv_transpose3d backward weight',
    variants: shared.SHARED_TRANSPOSED_BACKWARD_WEIGHT,
    problems: transposedConvolutions,
    expected: ({ x, dy }, sizes) => transposed.convTranspose3dBackwardWeight(x, dy, sizes).dweight,
  },
];

/** The direct kernels are compiled anew for each shape of box, which takes a processor seconds. */
const boxes = [
  'one voxel',
  'prime sizes, batch 2',
  '17 channels',
  'flat kernel',
  'padding wider than the kernel',
  'a wide row',
  '18 to 31 channels',
];
const isRun = ({ name }: { readonly name: string }, problem: Problem): boolean =>
  !/^shared_halo\d/.test(name) || boxes.includes(problem.name);

describe.each(passes)('$title', ({ variants, problems, expected }) => {
  const pairs = variants.flatMap((variant) =>
    problems
      .filter((problem) => isRun(variant, problem) && variant.suits(plainGpu, problem.sizes))
      .map((problem) => ({ variant, problem })),
  );

  test.each(pairs)(
    '$variant.name equals the reference twice and leaks nothing: $problem.name',
    async ({ variant, problem }) => {
      const { sizes, weight: weightShape } = problem;
      const gpu = await testGpu();
      using scope = gpu.scope();
      const { batch, inChannels, outChannels, input, output } = sizes;
      const shapes = {
        x: [batch, inChannels, ...input],
        weight: weightShape,
        bias: [outChannels],
        dy: [batch, outChannels, ...output],
      };
      const arrays = {
        x: randomArray(shapes.x, 1),
        weight: randomArray(shapes.weight, 2),
        bias: randomArray(shapes.bias, 3),
        dy: randomArray(shapes.dy, 4),
      };
      const tensors = {
        x: scope.upload(arrays.x, shapes.x),
        weight: scope.upload(arrays.weight, shapes.weight),
        bias: scope.upload(arrays.bias, shapes.bias),
        dy: scope.upload(arrays.dy, shapes.dy),
      };
      const before = gpu.pool.bytesInUse;
      {
        using inner = gpu.scope();
        const result = variant.run(inner, tensors, sizes);
        const values = await gpu.read(result);
        const { shape } = result;
        expectClose(values, expected(arrays, sizes), { rtol: 3e-6, atol: 1e-6, shape });
        expect(await gpu.read(variant.run(inner, tensors, sizes))).toEqual(values);
      }
      expect(gpu.pool.bytesInUse).toBe(before);
    },
  );
});

test.skipIf(!hasHalf).each(passes)(
  '$title keeps half precision in storage and sums in f32',
  async ({ title, variants, problems }) => {
    const { sizes, weight } = problems.find(({ name }) =>
      ['18 to 31 channels', 'whole blocks'].includes(name),
    )!;
    const { batch, inChannels, outChannels, input, output } = sizes;
    const x = [batch, inChannels, ...input];
    const dy = [batch, outChannels, ...output];
    const traits = { ...plainGpu, dtype: 'f16' as const, subgroups: false };
    const suiting = variants.filter(({ suits }) => suits(traits, sizes));
    const dtype = title.endsWith('weight') ? 'f32' : 'f16';
    await expectHalf({
      shapes: [x, dy],
      run: (scope, [xT, dyT]) =>
        suiting.map(({ run }) => {
          const weightT = scope.upload(randomArray(weight, 3), weight);
          return run(scope, { x: xT!, dy: dyT!, weight: weightT, bias: null }, sizes);
        }),
      dtypes: suiting.map(() => dtype),
    });
  },
);

test('on a software adapter no kernel with workgroup memory suits', () => {
  const { sizes } = convolutions.find(({ name }) => name === 'a network layer')!;
  const suiting = (traits: Traits) =>
    shared.SHARED_FORWARD.filter(({ suits }) => suits(traits, sizes));
  expect(suiting(plainGpu)).not.toEqual([]);
  expect(suiting({ ...plainGpu, software: true })).toEqual([]);
  expect(suiting({ ...plainGpu, workgroupBytes: 1024 })).toEqual([]);
});

test('without a bias nothing is added', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const sizes = conv3dSizes('test', [1, 3, 2, 3, 4], [20, 3, 1, 1, 1]);
  const x = scope.upload(new Float32Array(72), [1, 3, 2, 3, 4]);
  const weight = scope.upload(randomArray([20, 3], 1), [20, 3, 1, 1, 1]);
  for (const variant of shared.SHARED_FORWARD) {
    const y = await gpu.read(variant.run(scope, { x, weight, bias: null }, sizes));
    expect(y.every((value) => value === 0)).toBe(true);
  }
});

test('a grid of more than 65,535 workgroups is computed to its last voxel', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [1, 1, 33, 512, 512];
  const sizes = conv3dSizes('test', shape, [1, 1, 1, 1, 1]);
  const x = new Float32Array(33 * 512 * 512).fill(1);
  x[x.length - 1] = 5;
  const inputs = {
    x: scope.upload(x, shape),
    weight: scope.upload(Float32Array.of(2), [1, 1, 1, 1, 1]),
    bias: null,
  };
  const variant = shared.SHARED_FORWARD.find(({ name }) => name === 'shared_gemm16')!;
  const values = await gpu.read(variant.run(scope, inputs, sizes));
  expect(values[values.length - 1]).toBe(10);
  expect(values.findIndex((value) => value !== 2)).toBe(values.length - 1);
});
