import { describe, expect, it } from 'vitest';
import { ConfigError, errorOf, GpuError, GpuMemoryError, plainError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { planWithin, smallerPatches } from '../../src/train/inference_budget.ts';
import { planInference } from '../../src/train/inference_plan.ts';
import { type SlidingWindowOptions, slidingWindowLabels } from '../../src/train/sliding_window.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

const SHAPE = [1, 70, 20, 24] as const;
const input = volume(randomArray(SHAPE, 1), SHAPE, fromSpacing([1, 1, 1]));
const WINDOW: SlidingWindowOptions = {
  patchSize: [16, 16, 16],
  patchOverlap: 0.5,
  aggregationMode: 'hann',
};
const LABELS = { name: 'labels', threshold: 0.5 } as const;

/** What planning throws. */
function refusal(gpu: Gpu, options: Partial<SlidingWindowOptions>, of = input): unknown {
  const network = toyNetwork(gpu);
  try {
    return planWithin(gpu, network, of, { ...WINDOW, ...options }, LABELS);
  } catch (error) {
    return error;
  } finally {
    network.dispose();
  }
}

const limited = (limits: Partial<GPUSupportedLimits>): DryGpu => {
  const { device, info } = new DryGpu();
  return new DryGpu({ info, device: { ...device, limits: { ...device.limits, ...limits } } });
};

describe('a budget', () => {
  it('that the plan fits changes nothing', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu);
    const { total } = planInference(gpu, network, input, WINDOW, LABELS).memory;
    const free = await slidingWindowLabels(gpu, network, input, WINDOW);
    const within = await slidingWindowLabels(gpu, network, input, { ...WINDOW, gpuBytes: total });
    expect(within).toEqual(free);
    network.dispose();
  });

  it('that the plan does not fit is refused before the start, with numbers and a way out', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu);
    const plan = (swBatchSize: number) =>
      planInference(gpu, network, input, { ...WINDOW, swBatchSize }, LABELS).memory.total;
    let began = false;
    const run = (gpuBytes: number) =>
      slidingWindowLabels(gpu, network, input, {
        ...WINDOW,
        swBatchSize: 8,
        gpuBytes,
        onCompile: () => {
          began = true;
        },
        onProgress: () => {
          began = true;
        },
      });
    await expect(run(plan(2))).rejects.toThrow(ConfigError);
    await expect(run(plan(2))).rejects.toThrow(
      /\[16,16,16\], 8 at a time, over \[70,20,24\] .* With swBatchSize 2 they take .* MiB/,
    );
    await expect(run(1000)).rejects.toThrow(/Not even the smallest patches fit\. Allow that many/);
    expect(began).toBe(false);
    network.dispose();
  });

  it('offers the largest smaller patch that fits, and what it takes', () => {
    const gpu = new DryGpu();
    const network = toyNetwork(gpu);
    const take = (patchSize: SlidingWindowOptions['patchSize']) =>
      planInference(gpu, network, input, { ...WINDOW, patchSize }, LABELS).memory.total;
    // On the way down: [14,16,16], [14,14,16], [14,14,14], [12,14,14].
    const gpuBytes = take([14, 14, 14]);
    const refused = () => planWithin(gpu, network, input, { ...WINDOW, gpuBytes }, LABELS);
    expect(refused).toThrow(GpuMemoryError);
    expect(refused).toThrow(
      /With patchSize \[14,14,14\] they take .* MiB: pass that, or allow more/,
    );
    try {
      refused();
    } catch (error) {
      const { suggestion } = error as GpuMemoryError;
      expect(suggestion).toEqual({ patchSize: [14, 14, 14], swBatchSize: 1, gpuBytes });
    }
    network.dispose();
  });

  it('can be met as the refusal says', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu);
    const { total } = planInference(gpu, network, input, WINDOW, LABELS).memory;
    const tight = { ...WINDOW, patchOverlap: [4, 4, 8] as const, gpuBytes: total * 0.7 };
    const refused = await slidingWindowLabels(gpu, network, input, tight).catch((error) => error);
    const { patchSize } = (refused as GpuMemoryError).suggestion!;
    const met = { ...WINDOW, patchSize, gpuBytes: tight.gpuBytes };
    await expect(slidingWindowLabels(gpu, network, input, met)).resolves.toBeDefined();
    network.dispose();
  });

  it("of an adapter's bindings is kept too", () => {
    // Two channels of 16³ floats are 32 KiB.
    const gpu = limited({ maxStorageBufferBindingSize: 30_000 });
    const error = refusal(gpu, {}) as GpuMemoryError;
    expect(error).toBeInstanceOf(GpuMemoryError);
    expect(error.message).toMatch(/does not fit the adapter.*larger than one binding/);
    const [i, j, k] = error.suggestion!.patchSize;
    expect(4 * 2 * i * j * k).toBeLessThanOrEqual(30_000);
    expect(4 * 2 * i * j * k).toBeGreaterThan(25_000);
    // Not even one row of the volume: no patch helps.
    const wide = volume(new Float32Array(16 * 200 ** 2), [1, 16, 200, 200], fromSpacing([1, 1, 1]));
    const hopeless = refusal(limited({ maxBufferSize: 100_000 }), {}, wide);
    expect(hopeless).not.toBeInstanceOf(GpuMemoryError);
    expect(hopeless).toBeInstanceOf(GpuError);
  });
});

describe('smallerPatches', () => {
  it('go down by one step of the longest axis, to two steps', () => {
    expect(smallerPatches([8, 4, 6], [2, 2, 2])).toEqual([
      [6, 4, 6],
      [4, 4, 6],
      [4, 4, 4],
    ]);
    expect(smallerPatches([16, 16, 4], [8, 8, 4])).toEqual([]);
  });
});

describe('a refusal', () => {
  it('keeps its suggestion on the way from a thread to another', () => {
    const suggestion = { patchSize: [32, 32, 16], swBatchSize: 1, gpuBytes: 1e6 } as const;
    const there = structuredClone(plainError(new GpuMemoryError('too much', { suggestion })));
    const here = errorOf(there);
    expect(here).toBeInstanceOf(GpuMemoryError);
    expect((here as GpuMemoryError).suggestion).toEqual(suggestion);
    expect(here.message).toBe('too much');
    expect(plainError(new ConfigError('x'))).toEqual({ name: 'ConfigError', message: 'x' });
  });
});
