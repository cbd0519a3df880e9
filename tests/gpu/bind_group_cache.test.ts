import { describe, expect, test, vi } from 'vitest';
import { BindGroupCache } from '../../src/gpu/bind_group_cache.ts';
import type { Pipeline } from '../../src/gpu/pipeline_cache.ts';

const pipeline = (): Pipeline => ({ layout: {}, compute: {} }) as unknown as Pipeline;
const buffer = (): GPUBuffer => ({}) as GPUBuffer;

function cacheOf(capacity?: number) {
  const createBindGroup = vi.fn(() => ({}));
  const device = { createBindGroup } as unknown as GPUDevice;
  return { createBindGroup, cache: new BindGroupCache(device, capacity) };
}

describe('BindGroupCache', () => {
  test('makes a group of the same layout and buffers once', () => {
    const { cache, createBindGroup } = cacheOf();
    const [one, uniforms, a, b] = [pipeline(), buffer(), buffer(), buffer()];
    const bound = [
      { binding: 1, buffer: a },
      { binding: 2, buffer: b },
    ];
    const group = cache.get(one, uniforms, bound, 'x');
    expect(cache.get(one, uniforms, bound, 'x')).toBe(group);
    expect(createBindGroup).toHaveBeenCalledTimes(1);
  });

  test('tells layouts, buffers and their order apart', () => {
    const { cache } = cacheOf();
    const [one, other, uniforms, a, b] = [pipeline(), pipeline(), buffer(), buffer(), buffer()];
    const bound = (...buffers: GPUBuffer[]) =>
      buffers.map((each, index) => ({ binding: index + 1, buffer: each }));
    const groups = [
      cache.get(one, uniforms, bound(a, b), 'x'),
      cache.get(one, uniforms, bound(b, a), 'x'),
      cache.get(one, uniforms, bound(a), 'x'),
      cache.get(other, uniforms, bound(a, b), 'x'),
    ];
    expect(new Set(groups).size).toBe(4);
  });

  test('does not grow beyond its capacity', () => {
    const { cache, createBindGroup } = cacheOf(2);
    const [one, uniforms] = [pipeline(), buffer()];
    const buffers = [buffer(), buffer(), buffer()];
    const groups = buffers.map((each) =>
      cache.get(one, uniforms, [{ binding: 1, buffer: each }], 'x'),
    );
    const last = [{ binding: 1, buffer: buffers[2]! }];
    expect(cache.get(one, uniforms, last, 'x')).toBe(groups[2]);
    const first = [{ binding: 1, buffer: buffers[0]! }];
    expect(cache.get(one, uniforms, first, 'x')).not.toBe(groups[0]);
    expect(createBindGroup).toHaveBeenCalledTimes(4);
  });
});
