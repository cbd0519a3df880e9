/** The network over a whole volume, patch by patch, blended on the GPU slab by slab. */
import { Tape } from '../autograd/tape.ts';
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { spatialShape, type Volume, volume } from '../io/volume.ts';
import { unpackLabels } from '../kernels/aggregate.ts';
import type { Module } from '../nn/module.ts';
import type { AggregationMode } from '../patch/aggregator.ts';
import { copyPatch, type PatchLocation } from '../patch/location.ts';
import { reverseAxes } from '../patch/transforms/flip.ts';
import { product, showShape, type Triple } from '../shape.ts';
import { checkBudget, type InferencePlan, planInference } from './inference_plan.ts';
import type { MirrorAxes, View } from './mirror_views.ts';
import { patchProbabilities } from './patch_probabilities.ts';
import { type Slab, SlabAggregator } from './slab_aggregator.ts';
import { finishSlab, type SlabResult } from './slab_result.ts';
import { ViewBlender } from './view_blender.ts';

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
  readonly signal?: AbortSignal;
  /** Called after each batch with patches done and patches in all; each view of a patch counts. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called before the first patch, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
}

/** Patches of one forward pass, mirrored as the view says. */
function cutPatches(
  input: Volume,
  locations: readonly PatchLocation[],
  view: View,
): { data: Float32Array; shape: number[] } {
  const { size } = locations[0]!;
  const perPatch = input.shape[0] * product(size);
  const patches = new Float32Array(locations.length * perPatch);
  locations.forEach((location, n) => {
    copyPatch(input, location, patches, n * perPatch);
  });
  const blocks = locations.length * input.shape[0];
  return {
    data: reverseAxes(patches, [blocks, ...size], view),
    shape: [locations.length, input.shape[0], ...size],
  };
}

/** Receives the slabs of a volume from the GPU. */
interface Sink {
  readonly kind: SlabResult;
  /** @param channels of the network */
  begin(channels: number): void;
  /** @param values of the slab's rows */
  store(values: Float32Array | Uint32Array, slab: Slab): void;
}

/** One volume under way. */
class Pass {
  private readonly gpu: Gpu;
  private readonly model: Module;
  private readonly input: Volume;
  private readonly plan: InferencePlan;
  private readonly sink: Sink;
  private aggregator: SlabAggregator | undefined;
  private blender: ViewBlender | undefined;

  constructor(gpu: Gpu, model: Module, input: Volume, plan: InferencePlan, sink: Sink) {
    this.gpu = gpu;
    this.model = model;
    this.input = input;
    this.plan = plan;
    this.sink = sink;
  }

  /** Records one forward pass and the sums of its patches; the GPU begins. */
  add(batch: readonly PatchLocation[], view: View, precision?: Precision): Promise<void> {
    using tape = new Tape(this.gpu, { recording: false });
    const { data, shape } = cutPatches(this.input, batch, view);
    const patches = tape.upload(data, shape, 'patches');
    const probabilities = patchProbabilities(tape, this.model, patches, precision);
    if (!this.aggregator) {
      const channels = probabilities.shape[1]!;
      this.aggregator = new SlabAggregator(this.gpu, { ...this.plan.aggregation, channels });
      this.blender = new ViewBlender(this.gpu, this.aggregator, this.plan.views);
      this.sink.begin(channels);
    }
    this.blender!.add(probabilities, batch, view);
    const done = this.gpu.sync();
    // Awaited one batch later; a failure until then must not count as unhandled.
    done.catch(() => undefined);
    return done;
  }

  /** Reads back all rows that no patch will reach that begins at `row` or behind it. */
  read(row: number): Promise<void>[] {
    return this.aggregator!.take(row).map((slab) => {
      const reading = this.readSlab(slab);
      reading.catch(() => undefined);
      return reading;
    });
  }

  dispose(): void {
    this.blender?.dispose();
    this.aggregator?.dispose();
  }

  private async readSlab(slab: Slab): Promise<void> {
    const { gpu, sink, aggregator } = this;
    const scope = gpu.scope();
    const { result, broken } = finishSlab(scope, slab.sums, sink.kind);
    const reading = [gpu.read<'f32' | 'u32'>(result), gpu.read(broken)] as const;
    // The copies are recorded: whatever gets this memory next comes after them.
    scope[Symbol.dispose]();
    aggregator!.release(slab);
    const [values, [count]] = await Promise.all(reading);
    if (count !== 0) {
      throw new GpuError(
        `slidingWindow: the network's output is not finite. ${count} sums of rows ${slab.first} to ${slab.first + slab.rows - 1} of ${showShape(this.input.shape)} [C,I,J,K]. Check the image for NaN, and the model file.`,
      );
    }
    sink.store(values, slab);
  }
}

/** The GPU works on one batch while the next one is cut. */
async function overPatches(
  gpu: Gpu,
  model: Module,
  input: Volume,
  options: SlidingWindowOptions,
  sink: Sink,
): Promise<void> {
  const { swBatchSize = 1, precision, gpuBytes } = options;
  const { signal, onProgress, onCompile } = options;
  const planOf = (batch: number): InferencePlan =>
    planInference(gpu, model, input, { ...options, swBatchSize: batch }, sink.kind);
  const plan = planOf(swBatchSize);
  const { views } = plan;
  const { locations } = plan.aggregation;
  if (gpuBytes !== undefined) {
    checkBudget(plan, gpuBytes, options, planOf);
    await gpu.sync();
    gpu.pool.trim(0);
  }
  await gpu.prepare(plan.kernels, {
    ...(signal ? { signal } : {}),
    ...(onCompile ? { onProgress: onCompile } : {}),
  });
  const pass = new Pass(gpu, model, input, plan, sink);
  let done = 0;
  let readings: Promise<void>[] = [];
  let previous: { readonly finished: Promise<void>; readonly patches: number } | undefined;
  const advance = async (): Promise<void> => {
    if (!previous) return;
    await previous.finished;
    done += previous.patches;
    onProgress?.(done, views.length * locations.length);
  };
  try {
    for (let first = 0; first < locations.length; first += swBatchSize) {
      const batch = locations.slice(first, first + swBatchSize);
      for (const view of views) {
        signal?.throwIfAborted();
        const current = { finished: pass.add(batch, view, precision), patches: batch.length };
        await advance();
        previous = current;
      }
      const next = locations[first + swBatchSize];
      const finished = pass.read(next ? next.start[0] : input.shape[1]);
      if (finished.length === 0) continue;
      await Promise.all(readings);
      readings = finished;
    }
    await advance();
    await Promise.all(readings);
    signal?.throwIfAborted();
  } finally {
    pass.dispose();
  }
}

/**
 * Probabilities [C, I, J, K] on the grid of `input`: softmax per patch (sigmoid for one channel),
 * weighted mean where patches and their mirrored views overlap.
 *
 * @param input [Cin, I, J, K], on no axis smaller than the patch
 * @throws ConfigError before the first patch if the plan does not fit `gpuBytes`
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
  await overPatches(gpu, model, input, options, {
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
  await overPatches(gpu, model, input, options, {
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
