import { describe, expect, test } from 'vitest';
import { BufferPool } from '../../src/gpu/buffer_pool.ts';
import { testGpu } from '../helpers/gpu.ts';

describe('BufferPool', () => {
  test('hands a released buffer out again for the same size only', async () => {
    const { device } = await testGpu();
    const pool = new BufferPool(device);
    const first = pool.acquire(1000, 'first');
    pool.release(first);
    expect(pool.acquire(2000, 'other size')).not.toBe(first);
    expect(pool.acquire(1024, 'same size')).toBe(first);
  });

  test('gives the same requests the same buffers, whichever order they came back in', async () => {
    const { device } = await testGpu();
    const pool = new BufferPool(device);
    const buffers = ['a', 'b', 'c', 'd'].map((name) => pool.acquire(512, name));
    for (const index of [2, 0, 3, 1]) pool.release(buffers[index]!);
    expect(['a', 'b', 'c', 'd'].map((name) => pool.acquire(512, name))).toEqual(buffers);
    pool.release(buffers[3]!);
    pool.release(buffers[1]!);
    expect(pool.acquire(512, 'b')).toBe(buffers[1]);
  });

  test('counts bytes in use, free and at the peak', async () => {
    const { device } = await testGpu();
    const pool = new BufferPool(device);
    const a = pool.acquire(256, 'a');
    pool.acquire(512, 'b');
    pool.release(a);
    expect([pool.bytesInUse, pool.bytesFree, pool.peakBytes]).toEqual([512, 256, 768]);
    pool.resetPeak();
    expect(pool.peakBytes).toBe(512);
  });

  test('trim destroys free buffers beyond the limit, largest first', async () => {
    const { device } = await testGpu();
    const pool = new BufferPool(device);
    const buffers = [256, 512, 1024].map((bytes) => pool.acquire(bytes, 'x'));
    for (const buffer of buffers) pool.release(buffer);
    pool.trim(800);
    expect(pool.bytesFree).toBe(768);
    expect(pool.acquire(512, 'kept')).toBe(buffers[1]);
  });

  test('refuses more than one binding before it allocates, with the numbers', async () => {
    const { device } = await testGpu();
    const pool = new BufferPool(device);
    const limit = device.limits.maxStorageBufferBindingSize;
    expect(() => pool.acquire(limit + 4, 'logits')).toThrow(
      /'logits' is larger than one binding.*MiB.*MiB.*smaller patch/,
    );
    expect(pool.bytesInUse).toBe(0);
  });
});
