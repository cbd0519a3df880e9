/** The network over a whole volume, patch by patch, blended on the GPU slab by slab. */
import { DeviceLostError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { spatialShape, type Volume, volume } from '../io/volume.ts';
import { unpackLabels } from '../kernels/aggregate.ts';
import type { Module } from '../nn/module.ts';
import type { AggregationMode } from '../patch/aggregator.ts';
import type { PatchLocation } from '../patch/location.ts';
import { showShape, type Triple } from '../shape.ts';
import { planWithin } from './inference_budget.ts';
import { InferencePass, type SlabSink } from './inference_pass.ts';
import type { InferencePlan } from './inference_plan.ts';
import { type InferenceRecovery, InferenceState } from './inference_recovery.ts';
import type { MirrorAxes } from './mirror_views.ts';

export interface SlidingWindowOptions {
  readonly patchSize: Triple;
  readonly patchOverlap: number | Triple;
  readonly aggregationMode: AggregationMode;
  /** Predict every patch along with its mirror images, and average. Default false. */
  readonly tta?: MirrorAxes;
  /** Patches per forward pass. Default 1. */
  readonly swBatchSize?: number;
  /** Of the activations. Default f32. */
  readonly precision?: Precision;
  /**
   * GPU memory that may be taken, buffers kept for reuse and for reading back included; planned
   * before the first patch. Default: no limit.
   */
  readonly gpuBytes?: number;
  /** Goes on after the loss of the device, on a new one, to the same bits. Default: the loss is thrown. */
  readonly recovery?: InferenceRecovery;
  readonly signal?: AbortSignal;
  /**
   * Called after each batch with patches done and patches in all; each view of a patch counts. After
   * a loss fewer may be done than before.
   */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called before the first patch, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  /** Receives what happened and was mended, and what may go wrong on this GPU. */
  readonly onWarning?: (message: string) => void;
}

interface Source {
  readonly gpu: Gpu;
  readonly model: Module;
}

/** Beyond which a single kernel risks to be ended: Windows gives it two seconds. */
const LONG_KERNEL_MS = 1000;

/** Says once which kernel takes too long in one piece on a GPU that draws a screen, and what to do. */
function longKernelWarning({ onWarning, patchSize }: SlidingWindowOptions): (gpu: Gpu) => void {
  let isToldOf = false;
  return ({ longestDispatch: longest }) => {
    if (isToldOf || !longest || longest.milliseconds <= LONG_KERNEL_MS) return;
    isToldOf = true;
    onWarning?.(
      `shaders/${longest.name}.wgsl takes about ${(longest.milliseconds / 1000).toFixed(1)} s in one piece on this GPU with patches of ${showShape(patchSize)}: the screen may stand still, and systems end a kernel that runs for several seconds. Use smaller patches.`,
    );
  };
}

/** Lets waiting end at an abort, without what is waited for. `end` forgets the signal. */
function abortable(signal: AbortSignal | undefined) {
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true, signal: ended.signal });
  });
  aborted.catch(() => undefined);
  return {
    wait: <T>(work: Promise<T>): Promise<T> => Promise.race([work, aborted]),
    end: (): void => ended.abort(),
  };
}

/** Patches by forward pass. */
function batchesOf({ aggregation }: InferencePlan, swBatchSize: number): PatchLocation[][] {
  const { locations } = aggregation;
  return Array.from({ length: Math.ceil(locations.length / swBatchSize) }, (_, n) =>
    locations.slice(n * swBatchSize, (n + 1) * swBatchSize),
  );
}

/** The volume on one device, from where `state` is to its end. The GPU works on one batch while the next one is cut. */
async function overPatches(
  { gpu, model }: Source,
  input: Volume,
  options: SlidingWindowOptions,
  sink: SlabSink,
  state: InferenceState,
): Promise<void> {
  const { swBatchSize = 1, precision, gpuBytes } = options;
  const { signal, onProgress, onCompile } = options;
  const plan = planWithin(gpu, model, input, options, sink.kind);
  const { views } = plan;
  if (gpuBytes !== undefined) {
    await gpu.sync();
    gpu.pool.trim(0);
  }
  await gpu.prepare(plan.kernels, {
    ...(signal ? { signal } : {}),
    ...(onCompile ? { onProgress: onCompile } : {}),
  });
  const batches = batchesOf(plan, swBatchSize);
  const total = views.length * plan.aggregation.locations.length;
  const from = state.resume(batches);
  const pass = new InferencePass({ gpu, model, input, plan, sink, precision, state, from });
  let done = views.length * swBatchSize * from.batch;
  let readings: Promise<void>[] = [];
  let previous: { readonly finished: Promise<void>; readonly patches: number } | undefined;
  const warnOfLongKernel = longKernelWarning(options);
  const abort = abortable(signal);
  const advance = async (): Promise<void> => {
    if (!previous) return;
    await abort.wait(previous.finished);
    warnOfLongKernel(gpu);
    done += previous.patches;
    previous = undefined;
    state.reach(done);
    onProgress?.(done, total);
  };
  try {
    for (let n = from.batch; n < batches.length; n++) {
      const batch = batches[n]!;
      for (const view of views) {
        signal?.throwIfAborted();
        const current = { finished: pass.add(batch, view), patches: batch.length };
        await advance();
        previous = current;
      }
      const finished = pass.read(batches[n + 1]?.[0]?.start[0] ?? input.shape[1]);
      if (finished.length > 0) {
        await abort.wait(Promise.all(readings));
        readings = finished;
      }
      if (!state.isDue(pass.openBytes)) continue;
      await advance();
      await abort.wait(Promise.all(readings));
      await state.save(n + 1, pass.openRow, () => pass.readOpen());
    }
    await advance();
    await abort.wait(Promise.all(readings));
    signal?.throwIfAborted();
  } finally {
    abort.end();
    pass.dispose();
  }
}

/** The volume to its end, on as many devices as it takes. */
async function overVolume(
  source: Source,
  input: Volume,
  options: SlidingWindowOptions,
  sink: SlabSink,
): Promise<void> {
  const state = new InferenceState(options.recovery);
  let { gpu, model } = source;
  for (;;) {
    try {
      return await overPatches({ gpu, model }, input, options, sink, state);
    } catch (error) {
      const reopen = error instanceof DeviceLostError ? state.afterLoss() : undefined;
      if (!reopen) throw error;
      options.signal?.throwIfAborted();
      const { chosen } = gpu.choices;
      options.onWarning?.(
        `the GPU was lost with ${state.rows} of ${input.shape[1]} rows finished, and what it had not finished is done again on a new device. ${String(error)}`,
      );
      ({ gpu, model } = await reopen());
      gpu.choices.use(chosen);
    }
  }
}

/**
 * Probabilities [C, I, J, K] on the grid of `input`: softmax per patch (sigmoid for one channel),
 * weighted mean where patches and their mirrored views overlap.
 *
 * @param input [Cin, I, J, K], on no axis smaller than the patch
 * @throws GpuMemoryError before the first patch if the plan does not fit `gpuBytes` or the adapter
 * @throws GpuError if the network's output is not finite, or for what went wrong on the GPU
 * @throws the signal's reason when it is aborted
 * @see fastMONAI PatchInferenceEngine, TorchIO GridSampler and GridAggregator
 */
export async function slidingWindow(
  gpu: Gpu,
  model: Module,
  input: Volume,
  options: SlidingWindowOptions,
): Promise<Volume> {
  const [I, J, K] = spatialShape(input);
  let channels = 0;
  let data = new Float32Array();
  await overVolume({ gpu, model }, input, options, {
    kind: { name: 'probabilities' },
    begin(count) {
      channels = count;
      data = new Float32Array(count * I * J * K);
    },
    store(values, { first, rows }) {
      const size = rows * J * K;
      for (let c = 0; c < channels; c++) {
        data.set(values.subarray(c * size, (c + 1) * size), (c * I + first) * J * K);
      }
    },
  });
  return volume(data, [channels, I, J, K], input.affine);
}

/**
 * Class of each voxel, [1, I, J, K]: the same as the most probable class of `slidingWindow`, the
 * lowest of equals. Probabilities stay on the GPU.
 *
 * @param options with `binaryThreshold`: of one channel, 1 where the probability reaches it. Default 0.5
 * @throws as `slidingWindow`
 */
export async function slidingWindowLabels(
  gpu: Gpu,
  model: Module,
  input: Volume,
  options: SlidingWindowOptions & { readonly binaryThreshold?: number },
): Promise<Volume> {
  const [I, J, K] = spatialShape(input);
  const { binaryThreshold: threshold = 0.5 } = options;
  let channels = 0;
  const data = new Float32Array(I * J * K);
  await overVolume({ gpu, model }, input, options, {
    kind: { name: 'labels', threshold },
    begin(count) {
      channels = count;
    },
    store(values, { first, rows }) {
      const words = values as Uint32Array<ArrayBuffer>;
      data.set(unpackLabels(words, channels, rows * J * K), first * J * K);
    },
  });
  return volume(data, [1, I, J, K], input.affine);
}
