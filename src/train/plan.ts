/**
 * Patch size and network from the data: the median image, shrunk until a training step fits into
 * the memory budget; an axis is halved while it is long enough and not much coarser than the others.
 */
import { ConfigError, GpuError } from '../errors.ts';
import type { Precision } from '../gpu/shader.ts';
import type { UNetOptions } from '../nn/unet_config.ts';
import { showShape, type Triple } from '../shape.ts';
import type { DatasetAnalysis } from './dataset_analysis.ts';
import { type StepMemory, stepMemory } from './step_memory.ts';

export interface PlanOptions extends Omit<UNetOptions, 'channels' | 'strides'> {
  readonly batchSize: number;
  /** Names of what batches go through on the GPU, see `gpuStageNames`. */
  readonly augmentations?: readonly string[];
  /** As of `Learner`. */
  readonly accumulate?: number;
  /** As of `Learner`. */
  readonly checkpointing?: boolean;
  /** As of `Learner`. */
  readonly precision?: Precision;
  /** Bytes that a training step may take on the GPU. */
  readonly memoryBytes: number;
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
  /** What a training step takes. */
  readonly memory: StepMemory;
}

type Layout = Omit<Plan, 'memory'>;

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
 * Memory of a layout's step; undefined where a single tensor would be larger than any adapter binds.
 * A network is built once for all patch sizes.
 */
function memoryPlanner(options: PlanOptions): (layout: Layout) => StepMemory | undefined {
  const networks = new Map<string, (patchSize: Triple) => StepMemory>();
  return ({ patchSize, channels, strides }) => {
    const key = JSON.stringify([channels, strides]);
    const known = networks.get(key);
    const bytesOf = known ?? stepMemory({ ...options, channels, strides }, options);
    networks.set(key, bytesOf);
    try {
      return bytesOf(patchSize);
    } catch (error) {
      // A patch that the user chose is not made smaller: the error says what to do.
      if (error instanceof GpuError && !options.patchSize) return undefined;
      throw error;
    }
  };
}

/** The layout with one step less along the axis that is largest relative to the median image. */
function smallerPatch(
  { patchSize, strides }: Layout,
  { medianSize }: DatasetAnalysis,
): Triple | undefined {
  const divisor = divisorOf(strides);
  const shrunk = (axis: number): [number, number, number] => {
    const smaller: [number, number, number] = [...patchSize];
    smaller[axis]! -= divisor[axis]!;
    return smaller;
  };
  // More than one voxel has to be left at the bottom.
  const shrinkable = [0, 1, 2].filter(
    (axis) =>
      patchSize[axis]! > divisor[axis]! && shrunk(axis).some((size, a) => size > divisor[a]!),
  );
  if (shrinkable.length === 0) return undefined;
  const relative = (axis: number): number => patchSize[axis]! / medianSize[axis]!;
  return shrunk(shrinkable.reduce((a, b) => (relative(b) > relative(a) ? b : a)));
}

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
  /** The user's widths fix the number of levels, even where nothing is left to halve. */
  const padded = (steps: Triple[]): Triple[] => {
    while (channels && steps.length < levels) steps.push([1, 1, 1]);
    return steps;
  };
  const layoutOf = (patch: Triple): Layout => {
    const steps = strides ?? padded(planStrides(patch, analysis.targetSpacing, levels));
    const divisor = divisorOf(steps);
    const floored = [0, 1, 2].map((a) => floorTo(patch[a]!, divisor[a]!)) as Triple & number[];
    return {
      patchSize: options.patchSize ?? floored,
      channels: channels ?? widths(steps.length),
      strides: steps,
    };
  };
  const start = options.patchSize ?? analysis.medianSize;
  let layout = layoutOf(start);
  if (layout.strides.length === 0) {
    throw new ConfigError(
      `planNetwork: nothing is left to halve, so there is no network to plan. Got ${showShape(start)} voxels of [${analysis.targetSpacing}] mm, an axis needs ${2 * SMALLEST_FEATURE_MAP}. Choose a finer spacing, or give channels and strides.`,
    );
  }
  if (options.patchSize) checkDivisible(options.patchSize, layout.strides);
  const memoryOf = memoryPlanner(options);
  let memory = memoryOf(layout);
  while (!options.patchSize && !(memory && memory.peak <= options.memoryBytes)) {
    const smaller = smallerPatch(layout, analysis);
    if (!smaller) break;
    const next = layoutOf(smaller);
    if (next.strides.length === 0) break;
    layout = next;
    memory = memoryOf(layout);
  }
  if (memory) return { ...layout, memory };
  throw new ConfigError(
    `planNetwork: no patch is small enough. Got batches of ${options.batchSize} patches of at least ${showShape(layout.patchSize)} voxels. Use a smaller batch.`,
  );
}
