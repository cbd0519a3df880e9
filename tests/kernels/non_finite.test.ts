import { expect, test } from 'vitest';
import { nonFinite } from '../../src/kernels/non_finite.ts';
import * as reference from '../../src/reference/non_finite.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

/** More than one dispatch binds, of one element to several workgroups. */
const SIZES = [1, 17, 4096, 4097, 20_000, 3, 64, 5, 8192, 2, 1, 1, 1, 1, 9, 100];

test.each([SIZES, SIZES.slice(0, 1), SIZES.slice(0, 7), SIZES.slice(0, 8)].map((sizes) => [sizes]))(
  'counts infinities and NaNs wherever they are, in tensors of %j elements',
  async (sizes) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const arrays = sizes.map((size, n) => randomArray([size], n));
    const count = async (): Promise<number> => {
      const tensors = arrays.map((array) => scope.upload(array, [array.length]));
      return (await gpu.read(nonFinite(scope, tensors)))[0]!;
    };
    expect(await count()).toBe(0);
    for (const [n, value] of [
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ].entries()) {
      arrays.at(-1)![arrays.at(-1)!.length - 1] = value;
      arrays[0]![0] = value;
      arrays[n % arrays.length]![0] = value;
      expect(await count()).toBe(reference.nonFinite(arrays));
    }
  },
);

test('the largest and the smallest finite numbers do not count', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38, 1e-45, -0);
  expect(await gpu.read(nonFinite(scope, [scope.upload(x, [4])]))).toEqual(Float32Array.of(0));
});
