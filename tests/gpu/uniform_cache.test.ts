import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ShaderError } from '../../src/errors.ts';
import { UNIFORM_BLOCK_BYTES, UniformCache } from '../../src/gpu/uniform_cache.ts';
import { fill } from '../../src/kernels/fill.ts';
import { testGpu } from '../helpers/gpu.ts';

const words = (...values: number[]): Uint32Array<ArrayBuffer> => Uint32Array.of(...values);

describe('UniformCache', () => {
  const writeBuffer = vi.fn();
  const createBuffer = vi.fn(() => ({}));
  const device = { createBuffer, queue: { writeBuffer } } as unknown as GPUDevice;

  beforeEach(async () => {
    // GPUBufferUsage exists where a GPU does.
    await testGpu();
    vi.clearAllMocks();
  });

  test('writes each content once, to a place of its own in one buffer', () => {
    const cache = new UniformCache(device, 4);
    const offsets = [words(1, 2), words(3), words(1, 2), words(3)].map((block) => cache.get(block));
    expect(offsets).toEqual([0, UNIFORM_BLOCK_BYTES, 0, UNIFORM_BLOCK_BYTES]);
    expect(writeBuffer.mock.calls.map(([, offset, data]) => [offset, [...data]])).toEqual([
      [0, [1, 2]],
      [UNIFORM_BLOCK_BYTES, [3]],
    ]);
    expect(createBuffer).toHaveBeenCalledTimes(1);
  });

  test('gives away the place that was not used for longest', () => {
    const cache = new UniformCache(device, 2);
    const [first, second] = [cache.get(words(1)), cache.get(words(2))];
    expect(cache.get(words(1))).toBe(first);
    expect(cache.get(words(3))).toBe(second);
    expect(cache.get(words(1))).toBe(first);
    expect(cache.get(words(2))).toBe(second);
    expect(writeBuffer).toHaveBeenCalledTimes(4);
  });

  test('refuses a block that no place is large enough for', () => {
    const cache = new UniformCache(device);
    expect(() => cache.get(new Uint32Array(65))).toThrow(ShaderError);
    expect(() => cache.get(new Uint32Array(65))).toThrow(/260 bytes/);
  });
});

test('more blocks than there are places reach their kernels', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([1]);
  const first = scope.tensor([1]);
  fill(scope, first, -1);
  for (let n = 0; n < 5000; n++) fill(scope, x, n);
  expect(await gpu.read(x)).toEqual(Float32Array.of(4999));
  expect(await gpu.read(first)).toEqual(Float32Array.of(-1));
  fill(scope, first, -1);
  expect(await gpu.read(first)).toEqual(Float32Array.of(-1));
});
