/** What loaders give and learners take. */

/** Patches of one forward and backward pass. */
export interface Batch {
  /** `[N, C, I, J, K]` */
  readonly image: Float32Array;
  readonly imageShape: readonly number[];
  /** Class indices, `[N, 1, I, J, K]` */
  readonly label: Uint32Array;
  readonly labelShape: readonly number[];
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
