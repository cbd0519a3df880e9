import { expect, test } from 'vitest';
import threefry from '../../shaders/common/threefry.wgsl?raw';
import { ConfigError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/dropout.ts';
import * as reference from '../../src/reference/dropout.ts';
import { threefry2x32 } from '../../src/rng.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const key = [0xdead_beef, 42] as const;

test.each([
  [[1], 0.5],
  [[2, 3, 5, 7], 0],
  [[2, 3, 5, 7], 0.1],
  [[1, 2, 33, 34, 35], 0.7],
  [[2, 3, 5, 7], 1],
] as const)('dropout of %j with p = %f equals the reference', async (shape, p) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = randomArray(shape, 1);
  const y = kernels.dropoutForward(scope, scope.upload(x, shape), p, key);
  expectClose(await gpu.read(y), reference.dropoutForward(x, p, key), { rtol: 1e-6, shape });
});

test('the random words of the shaders are those of the CPU, bit for bit', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const code = `${threefry}
    struct Params { key0: u32, key1: u32, high: u32, }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read_write> words: array<u32>;
    @compute @workgroup_size(1) fn main(@builtin(workgroup_id) workgroup: vec3<u32>) {
      let key = vec2<u32>(params.key0, params.key1);
      let pair = threefry2x32(key, vec2<u32>(params.high, workgroup.x * 0x9e3779b1u));
      words[2u * workgroup.x] = pair.x;
      words[2u * workgroup.x + 1u] = pair.y;
    }`;
  const shader = {
    name: 'threefry_test',
    code,
    params: { key0: 'u32', key1: 'u32', high: 'u32' },
    buffers: { words: { binding: 1, access: 'read_write', type: 'u32' } },
    overrides: {},
    consts: {},
    workgroupSize: [1],
  } as const;
  const words = scope.tensor([256, 2], 'words', 'u32');
  for (const [key0, key1, high] of [
    [0, 0, 0],
    [0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
    [0x1319_8a2e, 0x0370_7344, 0x243f_6a88],
  ] as const) {
    const params = { key0, key1, high };
    scope.dispatch(shader, { params, buffers: { words }, workgroups: 256 });
    const expected = Array.from({ length: 256 }, (_, n) =>
      threefry2x32([key0, key1], [high, Math.imul(n, 0x9e37_79b1) >>> 0]),
    ).flat();
    expect([...(await gpu.read<'u32'>(words))]).toEqual(expected);
  }
});

test('the share of zeros is p, and another key draws another mask', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const count = 100_000;
  const x = scope.upload(new Float32Array(count).fill(1), [count]);
  const one = await gpu.read(kernels.dropoutForward(scope, x, 0.3, [1, 0]));
  const two = await gpu.read(kernels.dropoutForward(scope, x, 0.3, [1, 1]));
  const zeros = one.filter((value) => value === 0).length;
  // Five standard deviations of a binomial count.
  expect(Math.abs(zeros - 0.3 * count)).toBeLessThan(5 * Math.sqrt(count * 0.21));
  const same = one.filter((value, n) => value === two[n]).length;
  expect(Math.abs(same - 0.58 * count)).toBeLessThan(5 * Math.sqrt(count * 0.25));
});

test('a p that is no probability is refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([4]);
  expect(() => kernels.dropoutForward(scope, x, 1.5, key)).toThrow(ConfigError);
  expect(() => kernels.dropoutForward(scope, x, Number.NaN, key)).toThrow(/NaN/);
});
