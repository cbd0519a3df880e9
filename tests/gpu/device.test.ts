import { describe, expect, test } from 'vitest';
import { DeviceLostError, GpuError, ShaderError, ShapeError } from '../../src/errors.ts';
import { Gpu } from '../../src/gpu/device.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import type { Shader } from '../../src/gpu/shader.ts';
import { addForward } from '../../src/kernels/add.ts';
import { fill } from '../../src/kernels/fill.ts';
import { openGpu, requestAdapter } from '../../src/node/dawn.ts';
import { testGpu } from '../helpers/gpu.ts';
import { hasHalf } from '../helpers/half.ts';

describe('Gpu', () => {
  test('requests the limits that the adapter offers', async () => {
    const adapter = await requestAdapter();
    const { maxStorageBufferBindingSize } = adapter.limits;
    const gpu = await Gpu.create(adapter);
    expect(gpu.device.limits.maxStorageBufferBindingSize).toBe(maxStorageBufferBindingSize);
    gpu.destroy();
  });

  test('reads back what it uploaded, for each element type', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const arrays = [Float32Array.of(1.5, -2), Uint32Array.of(7, 2 ** 32 - 1), Int32Array.of(-3, 4)];
    for (const array of arrays) {
      expect(await gpu.read(scope.upload(array, [2]))).toEqual(array);
    }
  });

  test('refuses half precision where the adapter has none, and to write it from here', async () => {
    const gpu = await openGpu();
    const x = gpu.tensor([3], 'x', hasHalf ? 'f16' : 'f32');
    if (hasHalf) {
      expect(x.bytes).toBe(8);
      expect(() => gpu.write(x, new Float32Array(3))).toThrow(/cast it/);
    }
    const { limits } = gpu.device;
    const none = new DryGpu({ info: gpu.info, device: { limits, features: new Set<string>() } });
    expect(() => none.tensor([3], 'x', 'f16')).toThrow(GpuError);
    expect(() => none.tensor([3], 'x', 'f16')).toThrow(/cannot store half precision.*Use f32/);
    gpu.destroy();
  });

  test('writes in order with the dispatches around it', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = scope.tensor([3]);
    fill(scope, x, 1);
    const early = scope.tensor([3]);
    fill(scope, early, 5);
    gpu.write(x, Float32Array.of(2, 2, 2));
    expect(await gpu.read(x)).toEqual(Float32Array.of(2, 2, 2));
    fill(scope, x, 3);
    expect(await gpu.read(x)).toEqual(Float32Array.of(3, 3, 3));
  });

  test('counts dispatches and the bytes of their tensors, one that is bound twice once', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = scope.tensor([5]);
    const before = gpu.counts;
    fill(scope, x, 1);
    addForward(scope, x, x);
    await gpu.sync();
    const { dispatches, submits, bytes } = gpu.counts;
    expect(dispatches - before.dispatches).toBe(2);
    expect(submits - before.submits).toBe(1);
    expect(bytes - before.bytes).toBe(20 + 40);
  });

  test('refuses data that does not fill a tensor', async () => {
    const gpu = await testGpu();
    expect(() => gpu.upload(new Float32Array(5), [2, 3])).toThrow(ShapeError);
    expect(() => gpu.tensor([2, 0])).toThrow(/'tensor' \[2,0\]/);
  });

  test('throws a shader error with the line of the file at the next readback', async () => {
    const gpu = await openGpu();
    const broken: Shader = {
      name: 'broken',
      code: '//#file shaders/broken.wgsl 1\n@compute @workgroup_size(1)\nfn main() {\n  let a = acck;\n}',
      params: {},
      buffers: {},
      overrides: {},
      consts: {},
      workgroupSize: [1],
    };
    gpu.dispatch(broken, { params: {}, buffers: {}, workgroups: 1 });
    const x = gpu.tensor([1]);
    await expect(gpu.read(x)).rejects.toThrow(ShaderError);
    await expect(gpu.read(x)).rejects.toThrow(/shaders\/broken\.wgsl:3:11 .*acck/);
    gpu.destroy();
  });

  test.each([
    ['reading', (gpu: Gpu) => gpu.read(gpu.upload(Float32Array.of(1), [1]))],
    ['waiting', (gpu: Gpu) => gpu.sync()],
    [
      'compiling',
      (gpu: Gpu) => {
        const dry = new DryGpu(gpu);
        fill(dry.scope(), dry.tensor([4]), 1);
        return gpu.prepare(dry.kernels);
      },
    ],
    [
      'a kernel and reading',
      (gpu: Gpu) => {
        using scope = gpu.scope();
        const x = scope.tensor([4]);
        fill(scope, x, 1);
        return gpu.read(x);
      },
    ],
  ])('a lost device is told apart from other errors: %s', async (_, use) => {
    const gpu = await openGpu();
    gpu.destroy();
    const error = await Promise.resolve(use(gpu)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeviceLostError);
    expect(String(error)).toContain('the device was lost. Reason: destroyed');
  });

  test('a readback under way ends when the device is lost, and memory can be given back', async () => {
    const gpu = await openGpu();
    const scope = gpu.scope();
    const x = scope.tensor([4]);
    fill(scope, x, 1);
    const reading = gpu.read(x);
    gpu.destroy();
    await expect(reading).rejects.toThrow(DeviceLostError);
    scope[Symbol.dispose]();
    gpu.pool.trim(0);
    expect(gpu.pool.bytesInUse + gpu.pool.bytesFree).toBe(0);
  });

  test('profile sums GPU time per shader', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = scope.tensor([1000]);
    const times = await gpu.profile(() => {
      fill(scope, x, 1);
      fill(scope, x, 2);
    });
    expect(times.map(({ name, dispatches }) => [name, dispatches])).toEqual([['fill', 2]]);
    expect(times[0]!.milliseconds).toBeGreaterThan(0);
  });
});
