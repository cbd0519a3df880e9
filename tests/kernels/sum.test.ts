import { expect, test } from 'vitest';
import * as kernels from '../../src/kernels/sum.ts';
import * as reference from '../../src/reference/sum.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

test.each([
  [1, 1],
  [1, 63],
  [3, 65],
  [5, 1009],
  [1, 100_003],
  [65_537, 2],
])('the sums of %i rows of %i equal the reference', async (rows, columns) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = randomArray([rows, columns], 1);
  const y = kernels.sumRows(scope, scope.upload(x, [rows, columns]), rows, 0.5);
  expect(y.size).toBe(rows);
  expectClose(await gpu.read(y), reference.sumRows(x, rows, 0.5), { rtol: 1e-5, atol: 1e-5 });
});

test('a sum of a constant over a million values is right to f32', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.upload(new Float32Array(1_000_000).fill(0.1), [1_000_000]);
  expectClose(await gpu.read(kernels.sumRows(scope, x, 1)), [Math.fround(0.1) * 1e6], {
    rtol: 1e-5,
  });
});

test('the same sum gives the same bytes', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.upload(randomArray([7, 12_345], 3), [7, 12_345]);
  const first = await gpu.read(kernels.sumRows(scope, x, 7));
  expect(await gpu.read(kernels.sumRows(scope, x, 7))).toEqual(first);
});

test('there are partial sums enough for a GPU, and never more than values', () => {
  expect([1, 256, 257, 1_000_000].map(kernels.splitsFor)).toEqual([1, 1, 2, 256]);
});

test.each([
  [1, 1, 1],
  [2, 3, 17],
  [2, 5, 1031],
  [1, 2, 4],
  [2, 3, 70004],
])('the channel sums of %i x %i x %i equal the reference', async (batch, channels, voxels) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = randomArray([batch, channels, voxels], 4);
  const y = kernels.sumChannels(scope, scope.upload(x, [batch, channels, voxels]));
  expectClose(await gpu.read(y), reference.sumChannels(x, channels, voxels), { atol: 1e-5 });
});
