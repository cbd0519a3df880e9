/** Plans that fit. The refusal of one that does not names a smaller patch that would. */
import { GpuError, GpuMemoryError, type MemorySuggestion } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import { UNet } from '../nn/unet.ts';
import { scaledOverlap } from '../patch/patch_overlap.ts';
import { showShape, type Triple } from '../shape.ts';
import { type InferencePlan, planInference } from './inference_plan.ts';
import type { SlabResult } from './slab_result.ts';
import type { SlidingWindowOptions } from './sliding_window.ts';

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Smaller patches, the largest first: of the longest axis that has more than two steps, a step less. */
export function smallerPatches(patchSize: Triple, divisor: Triple): Triple[] {
  const sizes: Triple[] = [];
  const size: [number, number, number] = [...patchSize];
  for (;;) {
    const [axis] = ([0, 1, 2] as const)
      .filter((each) => size[each] >= 3 * divisor[each])
      .sort((a, b) => size[b] - size[a]);
    if (axis === undefined) return sizes;
    size[axis] -= divisor[axis];
    sizes.push([...size]);
  }
}

/** The first of `candidates` that fits, which all after it do. */
function firstFitting<T, R>(
  candidates: readonly T[],
  fits: (candidate: T) => R | undefined,
): R | undefined {
  let found: R | undefined;
  let [low, high] = [0, candidates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const result = fits(candidates[middle]!);
    if (result === undefined) low = middle + 1;
    else {
      found = result;
      high = middle;
    }
  }
  return found;
}

const halves = (count: number): number[] => {
  const smaller: number[] = [];
  for (let n = Math.floor(count / 2); n >= 1; n = Math.floor(n / 2)) smaller.push(n);
  return smaller;
};

const ofPlan = ({ memory, aggregation: { shape } }: InferencePlan): string => {
  const { standing, forward, slabs, readback, total } = memory;
  const kept = Math.max(0, total - standing - forward - slabs - readback);
  return `over ${showShape(shape)} voxels take ${mebibytes(total)}: parameters and what else is on the GPU ${mebibytes(standing)}, forward pass ${mebibytes(forward)}, sums of slabs ${mebibytes(slabs)}, read back ${mebibytes(readback)}, kept for reuse ${mebibytes(kept)}`;
};

/**
 * `planInference`, if the plan fits the adapter's bindings and `gpuBytes` of the options.
 *
 * @throws GpuMemoryError with the numbers of the plan where it does not, and with the largest smaller
 *   batch or patch that does
 * @throws as `planInference`
 */
export function planWithin(
  gpu: Gpu,
  model: Module,
  input: Pick<Volume, 'shape' | 'affine'>,
  options: SlidingWindowOptions,
  kind: SlabResult,
): InferencePlan {
  const { patchSize, patchOverlap, swBatchSize = 1, gpuBytes = Number.POSITIVE_INFINITY } = options;
  const planOf = (patch: Triple, batch: number): InferencePlan | GpuError => {
    const overlap = scaledOverlap(patchOverlap, patchSize, patch);
    const other = { ...options, patchSize: patch, patchOverlap: overlap, swBatchSize: batch };
    try {
      return planInference(gpu, model, input, other, kind);
    } catch (error) {
      // What is larger than a binding, or has more workgroups than a grid.
      if (error instanceof GpuError) return error;
      throw error;
    }
  };
  const plan = planOf(patchSize, swBatchSize);
  if (!(plan instanceof GpuError) && plan.memory.total <= gpuBytes) return plan;
  const suggest = (patch: Triple, batch: number): MemorySuggestion | undefined => {
    const found = planOf(patch, batch);
    if (found instanceof GpuError || found.memory.total > gpuBytes) return undefined;
    return { patchSize: patch, swBatchSize: batch, gpuBytes: found.memory.total };
  };
  // Of another network it is not known what it can halve.
  const smaller = model instanceof UNet ? smallerPatches(patchSize, model.divisor) : [];
  const suggestion =
    firstFitting(halves(swBatchSize), (batch) => suggest(patchSize, batch)) ??
    firstFitting(smaller, (patch) => suggest(patch, swBatchSize));
  const patches = `Patches of ${showShape(patchSize)}, ${swBatchSize} at a time, `;
  const allowed = Number.isFinite(gpuBytes)
    ? ` Got gpuBytes ${gpuBytes}, ${mebibytes(gpuBytes)}.`
    : '';
  const advice = adviceOf(suggestion, swBatchSize);
  if (plan instanceof GpuError) {
    if (!suggestion) throw plan;
    throw new GpuMemoryError(
      `planInference: the plan does not fit the adapter. ${patches}are too large for it: ${plan.message}${allowed} ${advice}.`,
      { cause: plan, suggestion },
    );
  }
  throw new GpuMemoryError(
    `planInference: the plan does not fit the budget. ${patches}${ofPlan(plan)}.${allowed} ${advice}.`,
    suggestion ? { suggestion } : {},
  );
}

function adviceOf(suggestion: MemorySuggestion | undefined, swBatchSize: number): string {
  if (!suggestion) {
    return 'Not even the smallest patches fit. Allow that many bytes, or use a coarser spacing';
  }
  const takes = `they take ${mebibytes(suggestion.gpuBytes)}: pass that`;
  return suggestion.swBatchSize < swBatchSize
    ? `With swBatchSize ${suggestion.swBatchSize} ${takes}`
    : `With patchSize ${showShape(suggestion.patchSize)} ${takes}, or allow more; smaller patches see less around each voxel`;
}
