/** Holds every kernel of the registry to the same: a new one is covered by being registered. */
import { beforeAll, describe, expect, test } from 'vitest';
import { convTranspose3d } from '../../../src/autograd/conv_transpose3d.ts';
import { conv3d } from '../../../src/autograd/conv3d.ts';
import { problemKey } from '../../../src/gpu/choices.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { type ConvOp, type ConvPass, VARIANTS } from '../../../src/kernels/variants/registry.ts';
import { type ConvInputs, traitsOf } from '../../../src/kernels/variants/variant.ts';
import { openGpu } from '../../../src/node/dawn.ts';
import * as transposed from '../../../src/reference/conv_transpose3d.ts';
import * as conv from '../../../src/reference/conv3d.ts';
import {
  type ConvSizes,
  conv3dSizes,
  convOutputShape,
  convTranspose3dSizes,
} from '../../../src/shape.ts';
import { expectClose } from '../../helpers/close.ts';
import { convTranspose3dCases } from '../../helpers/conv_transpose3d_cases.ts';
import { conv3dCases } from '../../helpers/conv3d_cases.ts';
import { testGpu } from '../../helpers/gpu.ts';
import { checkGradients } from '../../helpers/gradient_check.ts';
import { randomArray } from '../../helpers/random.ts';

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

const passes = ['forward', 'backward_input', 'backward_weight'] as const;

/** What each pass should give, with a bias and without. */
function expectedOf(
  { op, sizes }: Case,
  data: Record<'x' | 'weight' | 'bias' | 'dy', Float32Array>,
) {
  const { x, weight, bias, dy } = data;
  if (op === 'conv3d') {
    return {
      forward: [bias, null].map((b) => conv.conv3dForward(x, weight, b, sizes)),
      backward_input: [conv.conv3dBackwardInput(weight, dy, sizes)],
      backward_weight: [conv.conv3dBackwardWeight(x, dy, sizes).dweight],
    };
  }
  return {
    forward: [bias, null].map((b) => transposed.convTranspose3dForward(x, weight, b, sizes)),
    backward_input: [transposed.convTranspose3dBackwardInput(weight, dy, sizes)],
    backward_weight: [transposed.convTranspose3dBackwardWeight(x, dy, sizes).dweight],
  };
}

function resultShape(pass: ConvPass, { sizes, weightShape }: Case): readonly number[] {
  if (pass === 'forward') return convOutputShape(sizes);
  return pass === 'backward_weight' ? weightShape : [sizes.batch, sizes.inChannels, ...sizes.input];
}

describe.each(cases)('$op, $name', (given) => {
  const { op, sizes, weightShape } = given;

  test.each(passes)(
    'every kernel of %s is right, gives the same bits twice and leaks nothing',
    async (pass) => {
      const gpu = await testGpu();
      using scope = gpu.scope();
      const xShape = [sizes.batch, sizes.inChannels, ...sizes.input];
      const data = {
        x: randomArray(xShape, 1),
        weight: randomArray(weightShape, 2),
        bias: randomArray([sizes.outChannels], 3),
        dy: randomArray(convOutputShape(sizes), 4),
      };
      const bias = scope.upload(data.bias, [sizes.outChannels]);
      const inputs: ConvInputs = {
        x: scope.upload(data.x, xShape),
        weight: scope.upload(data.weight, weightShape),
        bias,
        dy: scope.upload(data.dy, convOutputShape(sizes)),
      };
      const expected = expectedOf(given, data)[pass];
      const shape = resultShape(pass, given);
      const traits = traitsOf(gpu, 'f32');
      // What is slow on a software adapter has to be right there all the same.
      const suiting = VARIANTS[op][pass].filter(({ suits }) =>
        [traits, { ...traits, software: false }].some((each) => suits(each, sizes)),
      );
      expect(suiting.at(-1)?.name).toBe('naive');
      const before = gpu.pool.bytesInUse;
      for (const { name, run } of suiting) {
        for (const [n, values] of expected.entries()) {
          using inner = gpu.scope();
          const launch = () => run(inner, { ...inputs, bias: n === 0 ? bias : null }, sizes);
          const first = launch();
          expect(first.shape, name).toEqual(shape);
          const bits = await gpu.read(first);
          try {
            expectClose(bits, values, { rtol: 3e-6, atol: 1e-6, shape });
          } catch (error) {
            throw new Error(`${op} ${pass} ${name}: ${(error as Error).message}`);
          }
          expect(await gpu.read(launch()), `${name}, twice`).toEqual(bits);
        }
        expect(gpu.pool.bytesInUse, name).toBe(before);
      }
    },
  );
});

describe('a forced choice', () => {
  // Every element is moved twice, so that a kernel of one slice has to do.
  const tiny = {
    conv3d: [{ shape: [1, 2, 2, 2, 5] }, { shape: [5, 2, 1, 3, 3] }, { shape: [5] }],
    'strided conv3d': [{ shape: [1, 2, 3, 3, 4] }, { shape: [5, 2, 1, 3, 3] }, { shape: [5] }],
    conv_transpose3d: [{ shape: [1, 3, 1, 2, 2] }, { shape: [3, 5, 1, 3, 3] }, { shape: [5] }],
  } as const;
  const padding = [0, 1, 1] as const;
  let gpu: Gpu;
  // Choices stay with a device, so this one is not shared with other tests.
  beforeAll(async () => {
    gpu = await openGpu();
  });

  test.each(Object.entries(tiny))(
    'has the gradients of finite differences: %s',
    async (name, inputs) => {
      const check = () =>
        checkGradients(gpu, inputs, (tape, [x, weight, bias]) =>
          name === 'conv_transpose3d'
            ? convTranspose3d(tape, x!, weight!, bias!, { stride: 2, padding, outputPadding: 1 })
            : conv3d(tape, x!, weight!, bias!, { stride: name === 'conv3d' ? 1 : 2, padding }),
        );
      const known = gpu.choices.asked.length;
      await check();
      const problems = gpu.choices.asked.slice(known);
      expect(problems.map(({ pass }) => pass).sort()).toEqual([...passes].sort());
      const lists = problems.map(({ op, pass, dtype, sizes }) =>
        VARIANTS[op as ConvOp][pass as ConvPass].filter(({ suits }) =>
          suits(traitsOf(gpu, dtype), sizes),
        ),
      );
      // The n-th kernels of all passes together.
      for (let n = 0; n < Math.max(...lists.map(({ length }) => length)); n++) {
        problems.forEach((problem, index) => {
          const list = lists[index]!;
          gpu.choices.use({ [problemKey(problem)]: list[Math.min(n, list.length - 1)]!.name });
        });
        await check();
      }
    },
  );
});

test('names are unique in their list, and naive is the last of each', () => {
  for (const [op, byPass] of Object.entries(VARIANTS)) {
    for (const [pass, list] of Object.entries(byPass)) {
      const names = list.map(({ name }) => name);
      expect(new Set(names).size, `${op} ${pass}`).toBe(names.length);
      expect(names.at(-1), `${op} ${pass}`).toBe('naive');
    }
  }
});
