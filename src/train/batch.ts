/** What loaders give and learners take. */
import { type AugmentationStage, applyStages } from '../patch/deferred.ts';

/** Patches of one forward and backward pass. */
export interface Batch {
  /** `[N, C, I, J, K]` */
  readonly image: Float32Array;
  readonly imageShape: readonly number[];
  /** Class indices, `[N, 1, I, J, K]` */
  readonly label: Uint32Array;
  readonly labelShape: readonly number[];
  /** What is still to be done to image and labels, in order. Default: nothing. */
  readonly augmentations?: readonly AugmentationStage[];
  /** The subject of each patch, where it is known. */
  readonly names?: readonly string[];
}

/**
 * The batch with its augmentations applied here; a learner applies them on the GPU.
 *
 * @throws ConfigError for one that is no transform
 */
export function augmentOnCpu({ augmentations, ...batch }: Batch): Batch {
  return augmentations?.length ? { ...batch, ...applyStages(batch, augmentations) } : batch;
}

/** Batches of one epoch after the other. */
export interface BatchLoader {
  /** Batches per epoch. */
  readonly batches: number;
  /** The batches of epoch 0, 1, ...; the same for the same number. */
  epoch(epoch: number, options?: EpochOptions): AsyncIterable<Batch> | Iterable<Batch>;
}

export interface EpochOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * The first of the epoch's batches to give, from 0: those before it are left out, the others are
   * what they would be anyway. Default 0.
   */
  readonly firstBatch?: number;
}

/** Without `valid` there are no metrics, hence no best epoch. */
export interface DataLoaders {
  readonly train: BatchLoader;
  readonly valid?: BatchLoader | undefined;
}

/** Lists of `size` items; the last list has what is left. */
export async function* groups<T>(
  items: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
