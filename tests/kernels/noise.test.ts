import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/noise.ts';
import * as reference from '../../src/reference/noise.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const KEYS = [1, 2, 0xffff_ffff, 0, 0xdead_beef, 0x0123_4567];
const MOMENTS = [0, 1, 0.5, 0.1, 0, 0];

test.each([[[3, 1, 5, 6, 7]], [[3, 2, 33, 34, 35]]])(
  'noise on %j equals the reference, and 0 leaves every bit alone',
  async (shape) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const image = randomArray(shape, 1);
    const x = scope.upload(image, shape);
    const moments = scope.upload(Float32Array.from(MOMENTS), [3, 2]);
    kernels.noiseInPlace(scope, x, moments, scope.upload(Uint32Array.from(KEYS), [3, 2]));
    const size = image.length / 3;
    const actual = await gpu.read(x);
    const expected = reference.noiseInPlace(image, size, MOMENTS, KEYS);
    expectClose(actual, expected, { rtol: 0, atol: 5e-6, shape });
    expect(actual.slice(2 * size)).toEqual(image.slice(2 * size));
  },
);

test('another seed gives another noise', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [2, 1, 10, 10, 10];
  const x = scope.upload(new Float32Array(2000), shape);
  const moments = scope.upload(Float32Array.of(0, 1, 0, 1), [2, 2]);
  kernels.noiseInPlace(scope, x, moments, scope.upload(Uint32Array.of(1, 0, 1, 1), [2, 2]));
  const noise = await gpu.read(x);
  const product = noise.subarray(0, 1000).reduce((sum, a, n) => sum + a * noise[1000 + n]!, 0);
  // Five standard deviations of a correlation of nothing.
  expect(Math.abs(product / 1000)).toBeLessThan(5 / Math.sqrt(1000));
});

test('keys of another number of samples are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([2, 1, 4, 4, 4]);
  const [moments, keys] = [scope.tensor([2, 2]), scope.tensor([1, 2], 'keys', 'u32')];
  expect(() => kernels.noiseInPlace(scope, x, moments, keys)).toThrow(ShapeError);
});
