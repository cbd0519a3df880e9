import { describe, expect, test } from 'vitest';
import { type ConvOp, type ConvPass, VARIANTS } from '../../src/kernels/variants/registry.ts';
import { traitsOf } from '../../src/kernels/variants/variant.ts';
import {
  type ConvSizes,
  conv3dSizes,
  convOutputShape,
  convTranspose3dSizes,
} from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { convTranspose3dCases } from '../helpers/conv_transpose3d_cases.ts';
import { conv3dCases } from '../helpers/conv3d_cases.ts';
import { testGpu } from '../helpers/gpu.ts';
import { HALF, hasHalf, randomHalves, uploadHalf } from '../helpers/half.ts';
import { randomArray } from '../helpers/random.ts';

interface Case {
  readonly op: ConvOp;
  readonly name: string;
  readonly sizes: ConvSizes;
  readonly weightShape: readonly number[];
}

const cases: readonly Case[] = [
  ...conv3dCases.map(({ name, x, weight, options }) => {
    const sizes = conv3dSizes('test', x, weight, options);
    return { op: 'conv3d' as const, name, sizes, weightShape: weight };
  }),
  ...convTranspose3dCases.map(([name, { x, out, ...options }]) => {
    const weightShape = [x[1], out, ...options.kernel];
    const sizes = convTranspose3dSizes('test', x, weightShape, options);
    return { op: 'conv_transpose3d' as const, name, sizes, weightShape };
  }),
];

/** Kernels take long to compile: fewer cases than in f32, but all kernels that run here. */
const NAMES = new Set([
  'one voxel',
  'prime sizes, batch 2',
  '5 to 17 channels',
  'stride 2, 5 to 17 channels, batch 2',
  'kernel 1',
  'odd sizes',
  'channels beyond a block',
]);

const PASSES: readonly ConvPass[] = ['forward', 'backward_input', 'backward_weight'];

describe.skipIf(!hasHalf).each(cases.filter(({ name }) => NAMES.has(name)))(
  'in half precision: $op, $name',
  (given) => {
    const { op, sizes, weightShape } = given;

    test.each(PASSES)('every kernel of %s differs from f32 by what is stored', async (pass) => {
      const gpu = await testGpu();
      using scope = gpu.scope();
      const xShape = [sizes.batch, sizes.inChannels, ...sizes.input];
      const yShape = convOutputShape(sizes);
      const [x, dy] = [randomHalves(xShape, 1), randomHalves(yShape, 2)];
      const weight = scope.upload(randomArray(weightShape, 3), weightShape);
      const bias = scope.upload(randomArray([sizes.outChannels], 4), [sizes.outChannels]);
      const suiting = VARIANTS[op][pass].filter(({ suits }) => suits(traitsOf(gpu, 'f16'), sizes));
      const naive = suiting.at(-1)!;
      const full = { x: scope.upload(x, xShape), dy: scope.upload(dy, yShape), weight, bias };
      const expected = await gpu.read(naive.run(scope, full, sizes));
      const half = { ...full, x: uploadHalf(scope, x, xShape), dy: uploadHalf(scope, dy, yShape) };
      for (const { name, run } of suiting) {
        const result = run(scope, half, sizes);
        const { shape, dtype } = result;
        expect(dtype, name).toBe(pass === 'backward_weight' ? 'f32' : 'f16');
        const bounds = dtype === 'f16' ? HALF : { rtol: 3e-6, atol: 1e-6 };
        try {
          expectClose(await gpu.read(result), expected, { ...bounds, shape });
        } catch (error) {
          throw new Error(`${op} ${pass} ${name}: ${(error as Error).message}`);
        }
      }
    });
  },
);
