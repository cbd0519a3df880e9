import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { emaStep, emaSwap } from '../../src/kernels/ema.ts';
import * as reference from '../../src/reference/ema.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

describe.each([[[1]], [[7]], [[64, 33, 3, 3, 3]]])('ema of %j', (shape) => {
  test.each([0, 0.5, 0.9995])('follows the reference over steps, decay %f', async (decay) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const expected = randomArray(shape, 1);
    const average = scope.upload(expected, shape);
    for (let step = 0; step < 5; step++) {
      const value = randomArray(shape, 2 + step);
      emaStep(scope, average, scope.upload(value, shape), decay);
      reference.emaStep(expected, value, decay);
    }
    expectClose(await gpu.read(average), expected, { rtol: 1e-5, atol: 1e-6 });
  });

  test('a swap exchanges the bits, and another one gives them back', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const [x, y] = [randomArray(shape, 1), randomArray(shape, 2)];
    const [a, b] = [scope.upload(x, shape), scope.upload(y, shape)];
    emaSwap(scope, a, b);
    const expected = [x.slice(), y.slice()] as const;
    reference.emaSwap(...expected);
    expect([await gpu.read(a), await gpu.read(b)]).toEqual(expected);
    emaSwap(scope, a, b);
    expect([await gpu.read(a), await gpu.read(b)]).toEqual([x, y]);
    expect(product(shape)).toBe(x.length);
  });
});

test('a weight that stays is its own average, to the bit', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const weights = randomArray([501], 3);
  const [average, value] = [scope.upload(weights, [501]), scope.upload(weights, [501])];
  for (let step = 0; step < 10; step++) emaStep(scope, average, value, 0.99);
  expect(await gpu.read(average)).toEqual(weights);
});

test('tensors of different shapes are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const [a, b] = [scope.tensor([6]), scope.tensor([2, 3])];
  expect(() => emaStep(scope, a, b, 0.9)).toThrow(ShapeError);
  expect(() => emaSwap(scope, a, b)).toThrow(/\[6\].*\[2,3\]/);
});
