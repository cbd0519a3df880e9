import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { clipGradients } from '../../src/kernels/clip_gradients.ts';
import * as reference from '../../src/reference/clip_gradients.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

async function clipped(arrays: readonly Float32Array[], maxNorm: number, lossScale?: number) {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const tensors = arrays.map((array) => scope.upload(array, [array.length]));
  const options = { maxNorm, ...(lossScale === undefined ? {} : { lossScale }) };
  const squaredNorm = clipGradients(scope, tensors, options);
  const gradients: Float32Array[] = [];
  for (const tensor of tensors) gradients.push(await gpu.read(tensor));
  return { gradients, squaredNorm: (await gpu.read(squaredNorm))[0]! };
}

/** Of one element, of one thread each, of several per thread, of several workgroups. */
const SIZES = [1, 3, 255, 257, 8192, 300_001];

describe.each([[SIZES], [[5]], [new Array(70).fill(2)]])('gradients of %j elements', (sizes) => {
  const arrays = sizes.map((size, n) => randomArray([size], n + 1));

  test.each([0.01, 1, 7.5])(
    'have the norm %f after clipping, as the reference',
    async (maxNorm) => {
      const { gradients, squaredNorm } = await clipped(arrays, maxNorm);
      const expected = arrays.map((array) => array.slice());
      expectClose([squaredNorm], [reference.clipGradients(expected, { maxNorm })], { rtol: 1e-5 });
      for (const [n, gradient] of gradients.entries()) {
        expectClose(gradient, expected[n]!, { rtol: 1e-5 });
      }
      const square = gradients.reduce((sum, list) => list.reduce((s, x) => s + x * x, sum), 0);
      expect(Math.sqrt(square)).toBeLessThan(maxNorm * (1 + 1e-5));
    },
  );
});

test('a smaller norm keeps every bit', async () => {
  const arrays = [randomArray([1000], 1), randomArray([3], 2)];
  const { gradients } = await clipped(arrays, 1e4);
  expect(gradients).toEqual(arrays);
});

test('the norm of three and four is five', async () => {
  const { gradients, squaredNorm } = await clipped([Float32Array.of(3), Float32Array.of(4)], 1);
  expect(squaredNorm).toBe(25);
  expectClose([gradients[0]![0]!, gradients[1]![0]!], [0.6, 0.8], { rtol: 1e-6 });
});

test('a loss scale changes the norm that counts, not the factor', async () => {
  const arrays = [randomArray([100], 3)];
  const scaled = arrays.map((array) => array.map((value) => 65_536 * value));
  const plain = await clipped(arrays, 0.5);
  const large = await clipped(scaled, 0.5, 65_536);
  expect(large.squaredNorm).toBe(plain.squaredNorm);
  expect(large.gradients[0]).toEqual(plain.gradients[0]!.map((value) => 65_536 * value));
});

test('the same gradients give the same bytes', async () => {
  const arrays = [randomArray([123_457], 4), randomArray([99], 5)];
  expect(await clipped(arrays, 1)).toEqual(await clipped(arrays, 1));
});

test.each([0, -1, Number.NaN])('a norm of %f is refused', async (maxNorm) => {
  await expect(clipped([Float32Array.of(1)], maxNorm)).rejects.toThrow(ConfigError);
});
