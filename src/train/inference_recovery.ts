/** What inference of a volume has come to, kept where the loss of a device does not reach. */
import type { Gpu } from '../gpu/device.ts';
import type { Module } from '../nn/module.ts';
import type { PatchLocation } from '../patch/location.ts';

export interface InferenceRecovery {
  /**
   * A new device with the model on it, after the one in use was lost. Kernels that were chosen for
   * the old one are chosen for it too. What the old one held is the caller's to dispose.
   */
  readonly reopen: () => Promise<{ readonly gpu: Gpu; readonly model: Module }>;
  /** Losses in a row, without a new patch between them, of which the last is thrown. Default 3. */
  readonly attempts?: number;
  /** Part of the time that may go into snapshots of unfinished sums. Default 0.02. */
  readonly share?: number;
}

/** Sums of a slab that is not finished. */
export interface SavedSlab {
  readonly first: number;
  /** [C + 1, rows, J, K] */
  readonly sums: Float32Array;
}

/** Where inference begins, or goes on. */
export interface Resumption {
  /** The first batch that is not in the sums. */
  readonly batch: number;
  /** The first row that is wanted. */
  readonly row: number;
  /** Sums from there on; those that are not here are zero. */
  readonly slabs: readonly SavedSlab[];
}

const ATTEMPTS = 3;
const SHARE = 0.02;
/** Of unfinished sums. Larger ones are added up again from the last finished row. */
const MOST_SNAPSHOT_BYTES = 2 ** 28;
/** Until one was measured: a slow way from the GPU, so that the first does not come too early. */
const FIRST_MS_PER_BYTE = 1 / 250e3;

/**
 * Rows that were read back, and now and then a snapshot of the sums that patches still reach. Sums
 * are floats that depend on the order of adding: from a snapshot, or from zero with every patch that
 * reaches an unfinished row, the same patches in the same order give the same bits.
 */
export class InferenceState {
  /** Rows of the slabs that are stored, by their first. */
  private readonly stored = new Map<number, number>();
  private readonly recovery: InferenceRecovery | undefined;
  private readonly now: () => number;
  private snapshot: Resumption | undefined;
  private snapshotAt: number;
  private msPerByte = FIRST_MS_PER_BYTE;
  private furthest = 0;
  private furthestBefore = -1;
  private losses = 0;
  /** Of the network, once it is known. */
  channels: number | undefined;

  /** @param now a clock in milliseconds */
  constructor(recovery?: InferenceRecovery, now: () => number = () => performance.now()) {
    this.recovery = recovery;
    this.now = now;
    this.snapshotAt = now();
  }

  /** Rows from the first on that were read back. */
  get rows(): number {
    let rows = 0;
    for (let more = this.stored.get(0); more !== undefined; more = this.stored.get(rows)) {
      rows += more;
    }
    return rows;
  }

  store(first: number, rows: number): void {
    this.stored.set(first, rows);
  }

  /** So many patches are done: the GPU got further than ever, or the same way again. */
  reach(patches: number): void {
    this.furthest = Math.max(this.furthest, patches);
  }

  /** Whether a snapshot of `bytes` would keep to its share of the time since the last. */
  isDue(bytes: number): boolean {
    if (!this.recovery || bytes === 0 || bytes > MOST_SNAPSHOT_BYTES) return false;
    const { share = SHARE } = this.recovery;
    return (bytes * this.msPerByte) / share <= this.now() - this.snapshotAt;
  }

  /** Takes a snapshot, and notes what it costs. The one before counts until it is complete. */
  async save(batch: number, row: number, read: () => Promise<readonly SavedSlab[]>): Promise<void> {
    const startedAt = this.now();
    const slabs = await read();
    this.snapshot = { batch, row, slabs };
    this.snapshotAt = this.now();
    const bytes = slabs.reduce((sum, { sums }) => sum + sums.byteLength, 0);
    if (bytes > 0) this.msPerByte = (this.snapshotAt - startedAt) / bytes;
  }

  /** Where to go on: behind the snapshot, or where the first patch reaches an unfinished row. */
  resume(batches: readonly (readonly PatchLocation[])[]): Resumption {
    const { rows: row, snapshot } = this;
    const reaching = batches.findIndex((batch) =>
      batch.some(({ start, size }) => start[0] + size[0] > row),
    );
    const batch = reaching < 0 ? batches.length : reaching;
    return snapshot && snapshot.batch >= batch ? snapshot : { batch, row, slabs: [] };
  }

  /** What to do after a loss; undefined where the loss has to be thrown. */
  afterLoss(): InferenceRecovery['reopen'] | undefined {
    if (!this.recovery) return undefined;
    this.losses = this.furthest > this.furthestBefore ? 1 : this.losses + 1;
    this.furthestBefore = this.furthest;
    const { reopen, attempts = ATTEMPTS } = this.recovery;
    return this.losses < attempts ? reopen : undefined;
  }
}
