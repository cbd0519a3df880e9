import { expect, test } from 'vitest';
import * as kernels from '../../src/kernels/fill.ts';
import * as reference from '../../src/reference/fill.ts';
import { testGpu } from '../helpers/gpu.ts';

test.each([1, 63, 1009])('%i values are set, and nothing beyond them', async (count) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const y = scope.upload(new Float32Array(count).fill(7), [count]);
  kernels.fill(scope, y, -1.5);
  const expected = new Float32Array(count);
  reference.fill(expected, -1.5);
  expect(await gpu.read(y)).toEqual(expected);
});

test('a grid of more than 65,535 workgroups reaches its end', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const y = scope.tensor([64 * 65_536 + 1]);
  kernels.fill(scope, y, 0);
  kernels.fill(scope, y, 3);
  expect((await gpu.read(y)).every((value) => value === 3)).toBe(true);
});
