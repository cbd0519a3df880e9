/** The network over a whole volume, patch by patch, blended into one probability map. */
import { Tape } from '../autograd/tape.ts';
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { spatialShape, type Volume, type VolumeShape, volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import { type AggregationMode, GridAggregator } from '../patch/aggregator.ts';
import { gridLocations } from '../patch/grid_sampler.ts';
import { copyPatch, type PatchLocation } from '../patch/location.ts';
import { normalizePatchOverlap } from '../patch/patch_overlap.ts';
import { reverseAxes } from '../patch/transforms/flip.ts';
import { product, type Triple } from '../shape.ts';
import { type MirrorAxes, mirrorViews, type View, ViewMean } from './mirror_views.ts';
import { patchProbabilities } from './patch_probabilities.ts';
import { prepareInference } from './prepare.ts';

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
  readonly signal?: AbortSignal;
  /** Called after each batch with patches done and patches in all; each view of a patch counts. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called before the first patch, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
}

/** What one forward pass is of. */
interface Pass {
  readonly locations: readonly PatchLocation[];
  /** How the patches are mirrored. */
  readonly view: View;
}

interface Pending extends Pass {
  readonly probabilities: Promise<Float32Array>;
}

/** One channel: sigmoid in place. */
function sigmoid(values: Float32Array): Float32Array {
  for (let n = 0; n < values.length; n++) values[n] = 1 / (1 + Math.exp(-values[n]!));
  return values;
}

/** Starts one forward pass; its result is copied out before the tape's memory is used again. */
function forward(
  gpu: Gpu,
  model: Module,
  input: Volume,
  { locations, view }: Pass,
  precision?: Precision,
): Pending {
  const { size } = locations[0]!;
  const perPatch = input.shape[0] * product(size);
  const patches = new Float32Array(locations.length * perPatch);
  locations.forEach((location, n) => {
    copyPatch(input, location, patches, n * perPatch);
  });
  const blocks = locations.length * input.shape[0];
  const seen = reverseAxes(patches, [blocks, ...size], view);
  using tape = new Tape(gpu, { recording: false });
  const x = tape.upload(seen, [locations.length, input.shape[0], ...size], 'patches');
  const { value } = patchProbabilities(tape, model, x, precision);
  const reading = gpu.read(value);
  const probabilities = value.shape[1] === 1 ? reading.then(sigmoid) : reading;
  // Awaited one batch later; a failure until then must not count as unhandled.
  probabilities.catch(() => undefined);
  return { locations, view, probabilities };
}

/**
 * Probabilities [C, I, J, K] on the grid of `input`: softmax per patch (sigmoid for one channel),
 * then the mean over mirrored views, then the aggregation. The GPU works on one batch while the last
 * one is blended.
 *
 * @param input [Cin, I, J, K], on no axis smaller than the patch
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
  const { patchSize, aggregationMode, swBatchSize = 1, precision, tta = false } = options;
  const { signal, onProgress, onCompile } = options;
  const patchOverlap = normalizePatchOverlap(options.patchOverlap, patchSize);
  const locations = gridLocations(spatialShape(input), patchSize, patchOverlap);
  const views = mirrorViews(tta, input.affine);
  const mean = new ViewMean(patchSize);
  const voxels = product(patchSize);
  let shape: VolumeShape | undefined;
  let aggregator: GridAggregator | undefined;
  let done = 0;
  const place = (patches: readonly PatchLocation[], values: ArrayLike<number>): void => {
    const channels = values.length / (patches.length * voxels);
    shape ??= [channels, ...spatialShape(input)];
    aggregator ??= new GridAggregator({ shape, mode: aggregationMode, patchOverlap });
    for (const [n, location] of patches.entries()) {
      aggregator.add(values, location, n * channels * voxels);
    }
  };
  const blend = async (pending: Pending): Promise<void> => {
    mean.add(await pending.probabilities, pending.view);
    if (pending.view === views.at(-1)) place(pending.locations, mean.take());
    done += pending.locations.length;
    onProgress?.(done, views.length * locations.length);
  };
  const inBatch = Math.min(swBatchSize, locations.length);
  const sizes = new Set([inBatch, locations.length % inBatch || inBatch]);
  await prepareInference(
    gpu,
    model,
    [...sizes].map((batchSize) => ({
      batchSize,
      inChannels: input.shape[0],
      patchSize,
      precision,
    })),
    { ...(signal ? { signal } : {}), ...(onCompile ? { onProgress: onCompile } : {}) },
  );
  let previous: Pending | undefined;
  for (let first = 0; first < locations.length; first += swBatchSize) {
    const batch = locations.slice(first, first + swBatchSize);
    for (const view of views) {
      signal?.throwIfAborted();
      const current = forward(gpu, model, input, { locations: batch, view }, precision);
      if (previous) await blend(previous);
      previous = current;
    }
  }
  if (previous) await blend(previous);
  signal?.throwIfAborted();
  const probabilities = aggregator!.result();
  const broken = probabilities.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw new GpuError(
      `slidingWindow: the network's output is not finite. Voxel ${broken} of [${shape}] is ${probabilities[broken]}. Check the image for NaN, and the model file.`,
    );
  }
  return volume(probabilities, shape!, input.affine);
}
