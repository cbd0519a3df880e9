import { afterEach, describe, expect, test, vi } from 'vitest';
import { ShaderError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import { pipelineRequest } from '../../src/gpu/pipeline_cache.ts';
import type { Scope } from '../../src/gpu/scope.ts';
import type { Shader } from '../../src/gpu/shader.ts';
import * as wgsl from '../../src/gpu/wgsl.generated.ts';
import { addForward } from '../../src/kernels/add.ts';
import { fill } from '../../src/kernels/fill.ts';
import { sumRows } from '../../src/kernels/sum.ts';
import { openGpu } from '../../src/node/dawn.ts';

const BROKEN: Shader = {
  name: 'broken',
  code: '//#file shaders/broken.wgsl 1\n@compute @workgroup_size(1)\nfn main() {\n  let a = acck;\n}',
  params: {},
  buffers: {},
  overrides: {},
  consts: {},
  workgroupSize: [1],
};

/** Three kernels, one of them twice. */
function compute(scope: Scope): ReturnType<Scope['tensor']> {
  const [a, b] = [scope.tensor([6, 4]), scope.tensor([6, 4])];
  fill(scope, a, 1);
  fill(scope, b, 2);
  return sumRows(scope, addForward(scope, a, b), 6);
}

function requestsOf(gpu: Gpu): DryGpu['kernels'] {
  const dry = new DryGpu(gpu);
  using scope = dry.scope();
  compute(scope);
  return dry.kernels;
}

let opened: Gpu | undefined;
async function freshGpu() {
  const gpu = await openGpu();
  opened = gpu;
  const sync = vi.spyOn(gpu.device, 'createComputePipeline');
  const parallel = vi.spyOn(gpu.device, 'createComputePipelineAsync');
  return { gpu, sync, parallel };
}

afterEach(() => {
  opened?.destroy();
  opened = undefined;
  vi.restoreAllMocks();
});

describe('Gpu.prepare', () => {
  test('compiles what a dry run asked for, so that the real one compiles nothing', async () => {
    const { gpu, sync, parallel } = await freshGpu();
    const seen: [number, number][] = [];
    await gpu.prepare(requestsOf(gpu), { onProgress: (...counts) => seen.push(counts) });
    expect(parallel).toHaveBeenCalledTimes(3);
    expect(seen).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    using scope = gpu.scope();
    expect(await gpu.read(compute(scope))).toEqual(new Float32Array(6).fill(12));
    expect(sync).not.toHaveBeenCalled();
  });

  test('compiles each kernel once, also when it is asked twice at the same time', async () => {
    const { gpu, parallel } = await freshGpu();
    const seen = vi.fn();
    await Promise.all([gpu.prepare(requestsOf(gpu)), gpu.prepare(requestsOf(gpu))]);
    await gpu.prepare(requestsOf(gpu), { onProgress: seen });
    expect(parallel).toHaveBeenCalledTimes(3);
    expect(seen).not.toHaveBeenCalled();
  });

  test('a dispatch does not wait for a kernel that is still compiling', async () => {
    const { gpu, sync } = await freshGpu();
    const preparing = gpu.prepare(requestsOf(gpu));
    using scope = gpu.scope();
    const sums = compute(scope);
    expect(sync).toHaveBeenCalledTimes(3);
    await preparing;
    expect(await gpu.read(sums)).toEqual(new Float32Array(6).fill(12));
    compute(scope);
    expect(sync).toHaveBeenCalledTimes(3);
  });

  test('tells specialisations apart', async () => {
    const { gpu, parallel } = await freshGpu();
    const narrow = pipelineRequest(wgsl.fill, { overrides: { WORKGROUP_SIZE: 32 } }, 'f32');
    const wide = pipelineRequest(wgsl.fill, { overrides: { WORKGROUP_SIZE: 64 } }, 'f32');
    expect(narrow.key).not.toBe(wide.key);
    await gpu.prepare([narrow, wide, narrow]);
    expect(parallel).toHaveBeenCalledTimes(2);
  });

  test('throws a shader error with the line of the file', async () => {
    const { gpu } = await freshGpu();
    const requests = [...requestsOf(gpu), pipelineRequest(BROKEN, {}, 'f32')];
    await expect(gpu.prepare(requests)).rejects.toThrow(ShaderError);
    await expect(gpu.prepare(requests)).rejects.toThrow(/shaders\/broken\.wgsl:3:11 .*acck/);
    // The others are as good as before.
    using scope = gpu.scope();
    expect(await gpu.read(compute(scope))).toEqual(new Float32Array(6).fill(12));
  });

  test('stops between two kernels when it is aborted', async () => {
    const { gpu } = await freshGpu();
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = vi.fn((done: number) => done === 1 && controller.abort(reason));
    const { signal } = controller;
    await expect(gpu.prepare(requestsOf(gpu), { onProgress, signal })).rejects.toBe(reason);
    expect(onProgress).toHaveBeenCalledTimes(2);
  });

  test('tells of a lost device', async () => {
    const { gpu } = await freshGpu();
    gpu.destroy();
    await expect(gpu.prepare(requestsOf(gpu))).rejects.toThrow(/device/);
  });
});
