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
  epoch(epoch: number, signal?: AbortSignal): AsyncIterable<Batch> | Iterable<Batch>;
}
