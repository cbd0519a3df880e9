/** What sliding-window inference takes on the GPU, and its kernels, known before it starts. */
import { Tape } from '../autograd/tape.ts';
import type { Gpu } from '../gpu/device.ts';
import { DryGpu } from '../gpu/dry_gpu.ts';
import type { PipelineRequest } from '../gpu/pipeline_cache.ts';
import type { Volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import { gridLocations } from '../patch/grid_sampler.ts';
import type { PatchLocation } from '../patch/location.ts';
import { normalizePatchOverlap } from '../patch/patch_overlap.ts';
import { dryForward } from './dry_step.ts';
import { mirrorViews, type View } from './mirror_views.ts';
import { patchProbabilities } from './patch_probabilities.ts';
import { SlabAggregator, type SlabAggregatorOptions } from './slab_aggregator.ts';
import { finishSlab, type SlabResult } from './slab_result.ts';
import type { SlidingWindowOptions } from './sliding_window.ts';
import { ViewBlender } from './view_blender.ts';

/** Bytes on the GPU. */
export interface InferenceMemory {
  /** In use before: the parameters, and whatever else is on the device. */
  readonly standing: number;
  /** What a forward pass adds, patches and probabilities included. */
  readonly forward: number;
  /** The most that the sums of patches take. */
  readonly slabs: number;
  /** The most that is in use at once, by the pool's count. */
  readonly peak: number;
  /** Buffers through which results are read; the pool does not count them. */
  readonly readback: number;
  /** All of it, with what the pool keeps for reuse. */
  readonly total: number;
}

export interface InferencePlan {
  readonly memory: InferenceMemory;
  /** For `Gpu.prepare`. */
  readonly kernels: Iterable<PipelineRequest>;
  /** How each patch is mirrored, one pass each. */
  readonly views: readonly View[];
  readonly aggregation: Omit<SlabAggregatorOptions, 'channels'>;
}

/**
 * Batches at which memory may be more than before: those that reach new rows, and the ones behind
 * them, whose forward pass finds the new sums in memory; and the last, which may be smaller.
 */
function isTelling(batches: readonly (readonly PatchLocation[])[], n: number): boolean {
  const last = (index: number): number => batches[index]?.at(-1)?.start[0] ?? -1;
  return last(n) > last(n - 1) || last(n - 1) > last(n - 2) || n === batches.length - 1;
}

/**
 * Plans a volume: runs the very code of inference on a GPU that only counts.
 *
 * @param gpu   where it will run; nothing happens there
 * @param input [Cin, I, J, K], on no axis smaller than the patch; voxels are not read
 * @throws ShapeError, ConfigError and GpuError as inference would
 */
export function planInference(
  gpu: Gpu,
  model: Module,
  { shape: [inChannels, ...shape], affine }: Pick<Volume, 'shape' | 'affine'>,
  options: SlidingWindowOptions,
  kind: SlabResult,
): InferencePlan {
  const { patchSize, swBatchSize = 1, precision, aggregationMode: mode, tta = false } = options;
  const views = mirrorViews(tta, affine);
  // From the second on all views of a batch do the same.
  const some = views.slice(0, 2);
  const patchOverlap = normalizePatchOverlap(options.patchOverlap, patchSize);
  const locations = gridLocations(shape, patchSize, patchOverlap);
  const aggregation = { shape, locations, mode, patchOverlap };
  const batches: PatchLocation[][] = [];
  for (let first = 0; first < locations.length; first += swBatchSize) {
    batches.push(locations.slice(first, first + swBatchSize));
  }
  const batchSize = batches[0]!.length;
  const alone = new DryGpu(gpu);
  dryForward(alone, model, { batchSize, inChannels, patchSize, precision });
  const dry = new DryGpu(gpu);
  let aggregator: SlabAggregator | undefined;
  let blender: ViewBlender | undefined;
  let [slabs, readback] = [0, 0];
  for (const [n, batch] of batches.entries()) {
    if (isTelling(batches, n)) {
      for (const view of some) {
        using tape = new Tape(dry, { recording: false });
        const patches = tape.tensor([batch.length, inChannels, ...patchSize], 'patches');
        const probabilities = patchProbabilities(tape, model, patches, precision);
        const channels = probabilities.shape[1]!;
        aggregator ??= new SlabAggregator(dry, { ...aggregation, channels });
        blender ??= new ViewBlender(dry, aggregator, some);
        blender.add(probabilities, batch, view);
      }
      slabs = Math.max(slabs, aggregator!.bytes);
      if (options.recovery)
        readback = Math.max(readback, ...aggregator!.open.map(({ sums }) => sums.bytes));
    }
    let reading = 0;
    for (const slab of aggregator!.take(batches[n + 1]?.[0]?.start[0] ?? shape[0])) {
      using scope = dry.scope();
      const { result, broken } = finishSlab(scope, slab.sums, kind);
      reading += result.bytes + broken.bytes;
      aggregator!.release(slab);
    }
    readback = Math.max(readback, reading);
  }
  const standing = gpu.pool.bytesInUse;
  const memory = {
    standing,
    forward: alone.pool.peakBytes,
    slabs,
    peak: standing + dry.pool.peakBytes,
    readback,
    total: standing + dry.pool.peakAllocatedBytes + readback,
  };
  return { memory, kernels: dry.kernels, views, aggregation };
}
