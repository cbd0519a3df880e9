import { afterEach, describe, expect, test, vi } from 'vitest';
import { Gpu } from '../../src/gpu/device.ts';
import { SubmissionBudget } from '../../src/gpu/submission_budget.ts';
import type { UNetOptions } from '../../src/nn/unet_config.ts';
import { openGpu, requestAdapter } from '../../src/node/dawn.ts';
import { product } from '../../src/shape.ts';
import { exampleStages } from '../../src/train/augment_batch.ts';
import type { BatchLoader } from '../../src/train/batch.ts';
import type { FitOptions } from '../../src/train/fit.ts';
import { GPU_TRANSFORMS } from '../../src/train/gpu_augmentations.ts';
import { Learner } from '../../src/train/learner.ts';
import { slidingWindow } from '../../src/train/sliding_window.ts';
import { toyBatch, toyLoader, toyNetwork } from '../helpers/toy_training.ts';

const opened: Gpu[] = [];
function owned(gpu: Gpu): Gpu {
  opened.push(gpu);
  return gpu;
}

afterEach(() => {
  for (const gpu of opened.splice(0)) gpu.destroy();
  vi.restoreAllMocks();
});

/** Its submissions are planned. */
async function openScreenGpu(): Promise<Gpu> {
  return owned(await Gpu.create(await requestAdapter(), { drawsScreen: true }));
}

function noiseLoader(batches: number, shape: readonly number[]): BatchLoader {
  const size = product(shape);
  return {
    batches,
    *epoch() {
      for (let n = 0; n < batches; n++) {
        const image = Float32Array.from({ length: size }, (_, i) => Math.sin(i * (n + 1)));
        const label = Uint32Array.from(image, (value) => (value > 0.5 ? 1 : 0));
        yield { image, imageShape: shape, label, labelShape: shape };
      }
    },
  };
}

/** As deep as the tutorial's: as many dispatches. */
const DEEP = { channels: [4, 4, 8, 8, 8], strides: [2, 2, 2, 2] };

/** What is asked of the device, counted. */
function spies({ device }: Gpu) {
  return {
    pipelines: vi.spyOn(device, 'createComputePipeline'),
    prepared: vi.spyOn(device, 'createComputePipelineAsync'),
    bindGroups: vi.spyOn(device, 'createBindGroup'),
    buffers: vi.spyOn(device, 'createBuffer'),
    submits: vi.spyOn(device.queue, 'submit'),
  };
}

/** Bytes of the buffers that were made, by whether the program reads them. */
function madeBuffers(calls: readonly [GPUBufferDescriptor][]) {
  const bytes = (reads: boolean): number[] =>
    calls
      .filter(([{ usage }]) => ((usage & GPUBufferUsage.MAP_READ) !== 0) === reads)
      .map(([{ size }]) => size);
  return { kept: bytes(false), read: bytes(true) };
}

async function train(gpu: Gpu, options: FitOptions, network: Partial<UNetOptions> = {}) {
  const model = toyNetwork(gpu, network);
  const learner = new Learner({ gpu, model });
  const history = await learner.fitOneCycle(1, 0.01, options);
  const weights = await model.stateDict();
  learner.dispose();
  model.dispose();
  return { losses: history.steps.map(({ loss }) => loss), weights };
}

describe('a training step after the first', () => {
  test.each([
    ['a software adapter', async () => owned(await openGpu())],
    ['a GPU that draws a screen', openScreenGpu],
  ])('makes nothing and reads the loss only, on %s', async (_, open) => {
    const gpu = await open();
    const { pipelines, prepared, bindGroups, buffers, submits } = spies(gpu);
    const steps: (ReturnType<typeof madeBuffers> & { pipelines: number; bindGroups: number })[] =
      [];
    const submissions: number[] = [];
    const onStep = (): void => {
      steps.push({
        pipelines: pipelines.mock.calls.length + prepared.mock.calls.length,
        bindGroups: bindGroups.mock.calls.length,
        ...madeBuffers(buffers.mock.calls),
      });
      submissions.push(submits.mock.calls.length);
      for (const spy of [pipelines, prepared, bindGroups, buffers, submits]) spy.mockClear();
    };
    const loaders = { train: noiseLoader(4, [1, 1, 32, 32, 32]) };
    await train(gpu, { loaders, onStep }, DEEP);
    expect(steps[0]!.pipelines).toBeGreaterThan(10);
    for (const step of steps.slice(1)) {
      expect(step).toEqual({ pipelines: 0, bindGroups: 0, kept: [], read: [4] });
    }
    expect(Math.max(...submissions.slice(1))).toBeLessThanOrEqual(10);
  });
});

test('the first step finds its kernels compiled', async () => {
  const gpu = owned(await openGpu());
  const { pipelines } = spies(gpu);
  const seen: [number, number][] = [];
  await train(gpu, {
    loaders: { train: toyLoader(2), valid: toyLoader(1, 9) },
    onCompile: (...counts) => seen.push(counts),
  });
  expect(pipelines).not.toHaveBeenCalled();
  expect(seen[0]![0]).toBe(0);
  const [compiled, kernels] = seen.at(-1)!;
  expect(compiled).toBe(kernels);
  expect(kernels).toBeGreaterThan(10);
});

test('the first augmented step finds its kernels compiled, also those of transforms it skips', async () => {
  const gpu = owned(await openGpu());
  const { pipelines } = spies(gpu);
  const drawn = exampleStages([...GPU_TRANSFORMS.keys()], 2);
  const skipped = drawn.map(({ name }) => ({ name, samples: [null, null] }));
  const loader: BatchLoader = {
    batches: 2,
    *epoch() {
      yield { ...toyBatch(1), augmentations: skipped };
      yield { ...toyBatch(2), augmentations: drawn };
    },
  };
  await train(gpu, { loaders: { train: loader } });
  expect(pipelines).not.toHaveBeenCalled();
});

test('the first patch finds its kernels compiled, also that of a last, smaller batch', async () => {
  const gpu = owned(await openGpu());
  const { pipelines } = spies(gpu);
  const model = toyNetwork(gpu);
  const input = {
    data: Float32Array.from({ length: 24 * 8 * 8 }, (_, n) => Math.sin(n)),
    shape: [1, 24, 8, 8] as const,
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  };
  const onCompile = vi.fn();
  await slidingWindow(gpu, model, input, {
    patchSize: [8, 8, 8],
    patchOverlap: 0,
    aggregationMode: 'crop',
    swBatchSize: 2,
    onCompile,
  });
  expect(pipelines).not.toHaveBeenCalled();
  expect(onCompile).toHaveBeenCalled();
});

test('thirty planned steps are bit for bit those of a GPU that plans nothing', async () => {
  const planned = await openScreenGpu();
  const unplanned = owned(await openGpu());
  vi.spyOn(unplanned, 'prepare').mockResolvedValue();
  vi.spyOn(unplanned, 'flush').mockReturnValue();
  // So small a step would fit into one submission.
  let asked = 0;
  vi.spyOn(SubmissionBudget.prototype, 'fits').mockImplementation(() => ++asked % 7 !== 0);
  const options = { loaders: { train: toyLoader(30) } };
  const [one, other] = [await train(planned, options), await train(unplanned, options)];
  expect(one.losses).toHaveLength(30);
  expect(one.losses).toEqual(other.losses);
  expect(one.weights).toEqual(other.weights);
  expect(planned.counts.submits).toBeGreaterThan(2 * unplanned.counts.submits);
});
