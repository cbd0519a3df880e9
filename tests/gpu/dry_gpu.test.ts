import { expect, test } from 'vitest';
import { GpuError } from '../../src/errors.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import { addForward } from '../../src/kernels/add.ts';

test('counts the bytes of a computation without computing it', async () => {
  const gpu = new DryGpu();
  {
    using scope = gpu.scope();
    const a = scope.upload(new Float32Array(100), [100]);
    const y = addForward(scope, a, scope.tensor([100]));
    expect(y.shape).toEqual([100]);
    expect(gpu.pool.bytesInUse).toBe(3 * 512);
    await gpu.sync();
    await expect(gpu.read()).rejects.toThrow(GpuError);
  }
  expect([gpu.pool.bytesInUse, gpu.pool.peakBytes]).toEqual([0, 3 * 512]);
});

test('holds what no adapter would allocate at once, but no tensor larger than a binding', () => {
  const gpu = new DryGpu();
  using scope = gpu.scope();
  for (let n = 0; n < 4096; n++) scope.tensor([2 ** 28]);
  expect(gpu.pool.bytesInUse).toBe(2 ** 42);
  expect(() => scope.tensor([2 ** 29])).toThrow(/larger than one binding/);
});

test('knows which kernels a computation asks for, each once', () => {
  const gpu = new DryGpu();
  using scope = gpu.scope();
  const a = scope.tensor([100]);
  addForward(scope, a, addForward(scope, a, scope.tensor([100])));
  expect([...gpu.kernels].map(({ shader }) => shader.name)).toEqual(['add_forward']);
});
