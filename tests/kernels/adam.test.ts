import { describe, expect, test } from 'vitest';
import { ConfigError, ShapeError } from '../../src/errors.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import * as kernels from '../../src/kernels/adam.ts';
import * as reference from '../../src/reference/adam.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

describe.each([[[1]], [[7]], [[2, 1, 3, 3, 3]], [[4]], [[64, 33, 3, 3, 3]], [[5, 401]]])(
  'adam of %j',
  (shape) => {
    test.each([0, 0.01])(
      'follows the reference over steps, weight decay %f',
      async (weightDecay) => {
        const gpu = await testGpu();
        using scope = gpu.scope();
        const size = product(shape);
        const expected = {
          parameter: randomArray(shape, 1),
          gradAvg: new Float32Array(size),
          sqrAvg: new Float32Array(size),
        };
        const parameter = scope.upload(expected.parameter, shape);
        const gradAvg = scope.upload(expected.gradAvg, shape);
        const sqrAvg = scope.upload(expected.sqrAvg, shape);
        for (let step = 1; step <= 5; step++) {
          const gradient = randomArray(shape, 10 + step).map((value) => value * 10 ** (step - 4));
          const numbers = { lr: 0.01 * step, momentum: 0.95 - 0.02 * step, weightDecay, step };
          const grad = scope.upload(gradient, shape);
          kernels.adamStep(scope, { parameter, grad, gradAvg, sqrAvg }, numbers);
          reference.adamStep(expected.parameter, gradient, expected.gradAvg, expected.sqrAvg, {
            sqrMomentum: 0.99,
            eps: 1e-5,
            ...numbers,
          });
        }
        expectClose(await gpu.read(parameter), expected.parameter, { rtol: 1e-6, shape });
        expectClose(await gpu.read(gradAvg), expected.gradAvg, { rtol: 1e-6, shape });
        expectClose(await gpu.read(sqrAvg), expected.sqrAvg, { rtol: 1e-6, shape });
      },
    );
  },
);

test('the first step moves each element by lr against its gradient, whatever its size', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const parameter = scope.upload(Float32Array.of(1, 1, 1), [3]);
  const grad = scope.upload(Float32Array.of(1000, -1, 0), [3]);
  const gradAvg = scope.upload(new Float32Array(3), [3]);
  const sqrAvg = scope.upload(new Float32Array(3), [3]);
  const numbers = { lr: 0.1, momentum: 0.95, weightDecay: 0, step: 1 };
  kernels.adamStep(scope, { parameter, grad, gradAvg, sqrAvg }, numbers);
  expectClose(await gpu.read(parameter), [0.9, 1.1, 1], { rtol: 2e-6 });
});

test('two hundred steps of weight decay do not drift', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const parameter = scope.upload(Float32Array.of(1, -3), [2]);
  const zeros = () => scope.upload(new Float32Array(2), [2]);
  const tensors = { parameter, grad: zeros(), gradAvg: zeros(), sqrAvg: zeros() };
  for (let step = 1; step <= 200; step++) {
    kernels.adamStep(scope, tensors, { lr: 1e-2, momentum: 0.9, weightDecay: 1e-2, step });
  }
  const decayed = (1 - 1e-4) ** 200;
  expectClose(await gpu.read(parameter), [decayed, -3 * decayed], { rtol: 1e-6 });
});

test('tensors of another shape and a step of 0 are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const [parameter, gradAvg, sqrAvg] = [scope.tensor([6]), scope.tensor([6]), scope.tensor([6])];
  const tensors = { parameter, gradAvg, sqrAvg };
  const step = (grad: typeof parameter, at: number) => () =>
    kernels.adamStep(scope, { ...tensors, grad }, { lr: 0.1, momentum: 0.9, step: at });
  expect(step(scope.tensor([2, 3]), 1)).toThrow(ShapeError);
  expect(step(scope.tensor([2, 3]), 1)).toThrow(/grad .*\[2,3\].*\[6\]/);
  expect(step(scope.tensor([6]), 0)).toThrow(ConfigError);
});

describe('adam of a scaled loss', () => {
  const before = {
    parameter: randomArray([7], 1),
    gradAvg: randomArray([7], 2),
    sqrAvg: randomArray([7], 3).map(Math.abs),
  };

  async function stepped(grad: Float32Array, lossScale?: number, overflow?: number) {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const upload = (values: Float32Array): Tensor => scope.upload(values, [7]);
    const tensors = {
      parameter: upload(before.parameter),
      gradAvg: upload(before.gradAvg),
      sqrAvg: upload(before.sqrAvg),
      grad: upload(grad),
      overflow: overflow === undefined ? undefined : scope.upload(Float32Array.of(overflow), [1]),
    };
    const numbers = { lr: 0.1, momentum: 0.9, step: 3, ...(lossScale ? { lossScale } : {}) };
    kernels.adamStep(scope, tensors, numbers);
    return {
      parameter: await gpu.read(tensors.parameter),
      gradAvg: await gpu.read(tensors.gradAvg),
      sqrAvg: await gpu.read(tensors.sqrAvg),
    };
  }

  test('is that of the plain loss, bit for bit', async () => {
    const grad = randomArray([7], 4);
    const scaled = grad.map((value) => 65536 * value);
    expect(await stepped(scaled, 65536, 0)).toEqual(await stepped(grad));
  });

  test('changes nothing where a gradient has overflowed', async () => {
    const grad = randomArray([7], 4).fill(Number.POSITIVE_INFINITY, 3, 4);
    expect(await stepped(grad, 65536, 1)).toEqual(before);
  });
});
