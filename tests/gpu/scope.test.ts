import { describe, expect, test } from 'vitest';
import { GpuError } from '../../src/errors.ts';
import { testGpu } from '../helpers/gpu.ts';

describe('Scope', () => {
  test('returns the memory of all its tensors when it ends', async () => {
    const gpu = await testGpu();
    const before = gpu.pool.bytesInUse;
    {
      using scope = gpu.scope();
      scope.tensor([100]);
      using inner = scope.child();
      inner.tensor([200]);
      expect(gpu.pool.bytesInUse).toBe(before + 512 + 1024);
    }
    expect(gpu.pool.bytesInUse).toBe(before);
  });

  test('keep hands a tensor to the parent, which releases it later', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const before = gpu.pool.bytesInUse;
    const kept = (() => {
      using inner = scope.child();
      return inner.keep(inner.tensor([64]));
    })();
    expect(() => kept.buffer).not.toThrow();
    scope.release(kept);
    expect(gpu.pool.bytesInUse).toBe(before);
  });

  test('a tensor used after its scope ended names itself in the error', async () => {
    const gpu = await testGpu();
    const gone = (() => {
      using scope = gpu.scope();
      return scope.tensor([4], 'activation');
    })();
    expect(() => gone.buffer).toThrow(GpuError);
    expect(() => gone.buffer).toThrow(/'activation' \[4\] is used after its release/);
  });

  test('keeping a tensor twice is refused', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    using inner = scope.child();
    const tensor = inner.keep(inner.tensor([4]));
    expect(() => inner.keep(tensor)).toThrow(/does not belong to this scope/);
  });
});
