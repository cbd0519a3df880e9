/**
 * Patch size and network from the data: the median image, shrunk until a training step fits into
 * the memory budget; an axis is halved while it is long enough and not much coarser than the others.
 */
import { ConfigError } from '../errors.ts';
import { showShape, type Triple } from '../shape.ts';
import type { DatasetAnalysis } from './dataset_analysis.ts';

export interface PlanOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly batchSize: number;
  /** Bytes that a training step may take on the GPU. */
  readonly memoryBytes: number;
  readonly numResUnits: number;
  /** What the user has already decided. */
  readonly patchSize?: Triple;
  readonly channels?: readonly number[];
  readonly strides?: readonly Triple[];
}

export interface Plan {
  readonly patchSize: Triple;
  readonly channels: readonly number[];
  /** One per level above the bottom, per axis. */
  readonly strides: readonly Triple[];
  /** Rough size of a training step's activations and gradients. */
  readonly stepBytes: number;
}

/** An axis is not halved below this many voxels. */
const SMALLEST_FEATURE_MAP = 4;
/** An axis this many times coarser than the finest waits for the others (nnU-Net). */
const COARSEST_RATIO = 2;
const MAX_LEVELS = 4;
const FIRST_CHANNELS = 16;
const MAX_CHANNELS = 256;

/** Strides of the levels, first level first, at most `maxLevels` of them. */
export function planStrides(patchSize: Triple, spacing: Triple, maxLevels = MAX_LEVELS): Triple[] {
  const size: number[] = [...patchSize];
  const mm: number[] = [...spacing];
  const strides: Triple[] = [];
  while (strides.length < maxLevels) {
    const long = [0, 1, 2].filter((axis) => size[axis]! >= 2 * SMALLEST_FEATURE_MAP);
    const finest = Math.min(...long.map((axis) => mm[axis]!));
    const halved = long.filter((axis) => mm[axis]! <= COARSEST_RATIO * finest);
    if (halved.length === 0) break;
    for (const axis of halved) {
      size[axis] = Math.ceil(size[axis]! / 2);
      mm[axis]! *= 2;
    }
    const stride = (axis: number): number => (halved.includes(axis) ? 2 : 1);
    strides.push([stride(0), stride(1), stride(2)]);
  }
  return strides;
}

/** What a patch must be divisible by, per axis, for the strides to fit. */
export function divisorOf(strides: readonly Triple[]): [number, number, number] {
  const along = (axis: number): number => strides.reduce((all, stride) => all * stride[axis]!, 1);
  return [along(0), along(1), along(2)];
}

/**
 * Bytes of one training step of a residual U-Net: every tensor kept for the backward pass, and half
 * as much again for gradients and scratch.
 */
export function estimateStepBytes(
  patchSize: Triple,
  strides: readonly Triple[],
  channels: readonly number[],
  options: Pick<PlanOptions, 'inChannels' | 'outChannels' | 'batchSize' | 'numResUnits'>,
): number {
  const { inChannels, outChannels, batchSize, numResUnits } = options;
  let voxels = patchSize[0] * patchSize[1] * patchSize[2];
  // Input, one-hot target and probabilities.
  let floats = voxels * (inChannels + 2 * outChannels + 1);
  const unit = Math.max(1, 3 * numResUnits + 2);
  channels.forEach((width, level) => {
    const stride = strides[level] ?? [1, 1, 1];
    const above = level === 0 ? outChannels : channels[level - 1]!;
    const [si, sj, sk] = stride;
    // Way up: transposed convolution, norm, activation, then a unit of one convolution.
    if (level < strides.length) floats += 7 * above * voxels;
    voxels /= si * sj * sk;
    floats += unit * width * voxels;
    // Concatenation of the skip with what comes from below.
    if (level < strides.length) floats += 2 * width * voxels;
  });
  return Math.ceil(4 * batchSize * floats * 1.5);
}

function checkDivisible(patchSize: Triple, strides: readonly Triple[]): void {
  const divisor = divisorOf(strides);
  const axis = [0, 1, 2].find((a) => patchSize[a]! % divisor[a]! !== 0);
  if (axis === undefined) return;
  throw new ConfigError(
    `planNetwork: the patch does not fit the strides. Got patchSize ${showShape(patchSize)} for strides whose product is ${showShape(divisor)} [i,j,k]. Make each size a multiple of its product.`,
  );
}

function widths(levels: number): number[] {
  return Array.from({ length: levels + 1 }, (_, n) =>
    Math.min(MAX_CHANNELS, FIRST_CHANNELS * 2 ** n),
  );
}

/** The largest multiple of the divisor that is not above `size`; at least one divisor. */
const floorTo = (size: number, divisor: number): number =>
  Math.max(divisor, Math.floor(size / divisor) * divisor);

/**
 * Patch size, widths and strides.
 *
 * @throws ConfigError if the user's choices contradict each other
 * @see nnU-Net's experiment planner (median shape, pooling by size and spacing, shrinking the axis
 *      that is largest relative to the median shape)
 *
 * Differs from nnU-Net: patches are rounded down, not up, to a multiple of the strides' product, as
 * fastMONAI's suggest_patch_size does, so that a patch seldom needs padding.
 */
export function planNetwork(analysis: DatasetAnalysis, options: PlanOptions): Plan {
  const { channels, strides } = options;
  if (channels && strides && channels.length !== strides.length + 1) {
    throw new ConfigError(
      `planNetwork: a network has one stride less than widths. Got ${channels.length} channels and ${strides.length} strides. Drop or add one.`,
    );
  }
  const levels = strides?.length ?? (channels ? channels.length - 1 : MAX_LEVELS);
  const candidate = (patch: Triple): Plan => {
    const steps = strides ?? padded(planStrides(patch, analysis.targetSpacing, levels));
    const width = channels ?? widths(steps.length);
    const divisor = divisorOf(steps);
    const patchSize: Triple =
      options.patchSize ??
      ([0, 1, 2].map((a) => floorTo(patch[a]!, divisor[a]!)) as Triple & number[]);
    return {
      patchSize,
      channels: width,
      strides: steps,
      stepBytes: estimateStepBytes(patchSize, steps, width, options),
    };
  };
  /** The user's widths fix the number of levels, even where nothing is left to halve. */
  const padded = (steps: Triple[]): Triple[] => {
    while (channels && steps.length < levels) steps.push([1, 1, 1]);
    return steps;
  };
  const start = options.patchSize ?? analysis.medianSize;
  let plan = candidate(start);
  if (plan.strides.length === 0) {
    throw new ConfigError(
      `planNetwork: nothing is left to halve, so there is no network to plan. Got ${showShape(start)} voxels of [${analysis.targetSpacing}] mm, an axis needs ${2 * SMALLEST_FEATURE_MAP}. Choose a finer spacing, or give channels and strides.`,
    );
  }
  if (options.patchSize) {
    checkDivisible(plan.patchSize, plan.strides);
    return plan;
  }
  while (plan.stepBytes > options.memoryBytes) {
    const { patchSize } = plan;
    const divisor = divisorOf(plan.strides);
    const shrinkable = [0, 1, 2].filter((axis) => patchSize[axis]! > divisor[axis]!);
    if (shrinkable.length === 0) break;
    const relative = (axis: number): number => patchSize[axis]! / analysis.medianSize[axis]!;
    const axis = shrinkable.reduce((a, b) => (relative(b) > relative(a) ? b : a));
    const smaller: [number, number, number] = [...patchSize];
    smaller[axis]! -= divisor[axis]!;
    plan = candidate(smaller);
  }
  return plan;
}
