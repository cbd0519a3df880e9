/** One epoch of the queue: what to load, what to cut ahead and what to forget, within a byte budget. */
import { ConfigError } from '../errors.ts';
import type { Rng } from '../rng.ts';
import { cutPatch, type PatchLocation } from './location.ts';
import type { PlannedPatch } from './queue_plan.ts';
import type { Sampler } from './sampler.ts';
import type { Subject } from './subject.ts';
import { type ByteBudget, bytesOf, type SubjectCache } from './subject_cache.ts';

export interface EpochReaderOptions {
  readonly plan: readonly PlannedPatch[];
  readonly samplesPerVolume: number;
  readonly batchSize: number;
  readonly sampler: Sampler;
  /** Stream of this epoch's patch locations. */
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/** A patch as a subject of its own, and where it was cut. */
export interface CutPatch {
  readonly patch: Subject;
  readonly location: PatchLocation;
}

/**
 * Hands out the patches of a plan in its order. If all subjects fit into the budget they stay
 * loaded and a patch is cut when it is due. If not, a loaded subject's later patches are cut at
 * once and kept, nearest first, so that it need not be read again soon. Locations depend on the
 * random stream alone, so forgetting and reading again changes nothing.
 */
export class EpochReader {
  private readonly options: EpochReaderOptions;
  private readonly cache: SubjectCache;
  private readonly budget: ByteBudget;
  /** Positions in the plan of each subject's patches. */
  private readonly positions = new Map<number, number[]>();
  private readonly locations = new Map<number, PatchLocation[]>();
  private readonly patches = new Map<number, CutPatch>();
  private next = 0;
  private pending: Promise<void> | undefined;
  private patchBytes = 0;
  private batchBytes = 0;
  private closed = false;

  constructor(options: EpochReaderOptions, cache: SubjectCache, budget: ByteBudget) {
    this.options = options;
    this.cache = cache;
    this.budget = budget;
    for (const [position, { subject }] of options.plan.entries()) {
      const list = this.positions.get(subject);
      if (list) list.push(position);
      else this.positions.set(subject, [position]);
    }
  }

  /** The next patch of the plan; its bytes are the caller's from here on. */
  async take(): Promise<CutPatch> {
    const position = this.next;
    while (!this.patches.has(position)) {
      this.options.signal?.throwIfAborted();
      const index = this.options.plan[position]!.subject;
      if (this.cache.has(index)) this.cut(index);
      else await this.fetch(index);
    }
    const patch = this.patches.get(position)!;
    this.forget(position);
    this.next++;
    return patch;
  }

  /** Start reading the next subject that will be needed, without waiting for it. */
  prefetch(): void {
    if (this.pending || this.closed) return;
    const { plan } = this.options;
    for (let position = this.next; position < plan.length; position++) {
      const { subject } = plan[position]!;
      if (this.patches.has(position) || this.cache.has(subject)) continue;
      if (!this.roomFor(position)) return;
      // A failure is not lost: the take() that needs the subject reads it again and throws.
      this.fetch(subject).catch(() => {});
      return;
    }
  }

  /** Give all bytes back, once a subject that is still being read has arrived in the cache. */
  async close(): Promise<void> {
    this.closed = true;
    await this.pending?.catch(() => {});
    for (const position of [...this.patches.keys()]) this.forget(position);
    this.budget.give(this.batchBytes);
    this.batchBytes = 0;
  }

  /** One subject is read at a time: whoever comes second waits for the first and looks again. */
  private fetch(index: number): Promise<void> {
    this.pending ??= this.load(index).finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  private async load(index: number): Promise<void> {
    const { signal } = this.options;
    this.makeRoom(this.cache.expectedBytes(index));
    const subject = await this.cache.load(index, signal);
    this.cache.hold(index, subject);
    if (this.closed) return;
    signal?.throwIfAborted();
    this.locate(index, subject);
    if (!this.makeRoom(this.patchBytes, index)) {
      throw new ConfigError(
        `PatchQueue: maxBytes is too small. Subject '${subject.name}' takes ${bytesOf(subject)} bytes and each of ${this.options.batchSize} patches in a batch ${this.patchBytes}; maxBytes is ${this.budget.maxBytes}. Raise maxBytes, or choose a smaller batch or patch.`,
      );
    }
    this.cut(index);
  }

  /** Choose all patches of a subject together, while its labels are at hand. */
  private locate(index: number, subject: Subject): void {
    const { sampler, rng, samplesPerVolume, batchSize } = this.options;
    if (!this.locations.has(index)) {
      const stream = rng.fold(index);
      const draws = Array.from({ length: samplesPerVolume }, (_, sample) =>
        sampler.sample(subject, stream.fold(sample)),
      );
      this.locations.set(index, draws);
    }
    if (this.patchBytes > 0) return;
    const voxels = sampler.patchSize.reduce((a, b) => a * b, 1);
    this.patchBytes = 4 * voxels * (subject.image.shape[0] + (subject.label?.shape[0] ?? 0));
    // The batch that is put together or worked on, and one patch on its way into it.
    this.batchBytes = this.patchBytes * (batchSize + 1);
    this.makeRoom(this.batchBytes, index);
    this.budget.take(this.batchBytes);
  }

  /** Cut the patch that is due and, if the subject will not stay, as many later ones as fit. */
  private cut(index: number): void {
    const subject = this.cache.get(index)!;
    this.locate(index, subject);
    const needed = this.cache.expectedTotal + this.reserve + this.batchBytes;
    const stays = needed <= this.budget.maxBytes;
    for (const position of this.positions.get(index)!) {
      if (position < this.next || this.patches.has(position)) continue;
      const due = position === this.next;
      if (stays && !due) return;
      if (!due && !this.makeWay(position, index)) return;
      if (due) this.makeRoom(this.patchBytes, index);
      const location = this.locations.get(index)![this.options.plan[position]!.sample]!;
      this.patches.set(position, { patch: cutPatch(subject, location), location });
      this.budget.take(this.patchBytes);
    }
  }

  /** Bytes kept free of patches cut ahead: one subject to load, one patch that is due. */
  private get reserve(): number {
    return this.cache.largestBytes + this.patchBytes;
  }

  /** Could a patch for this position be kept, if need be instead of a later one? */
  private roomFor(position: number): boolean {
    if (this.patches.size === 0) return true;
    const kept = this.patches.size * this.patchBytes;
    const needed = kept + this.patchBytes + this.batchBytes + this.reserve;
    return needed <= this.budget.maxBytes || this.farthest() > position;
  }

  /** Free the bytes of a patch that is not due yet: subjects go first, then patches due even later. */
  private makeWay(position: number, keep: number): boolean {
    // The subject at hand may be forgotten by the time the next one is loaded.
    const atHand = this.cache.expectedBytes(keep);
    while (!this.budget.fits(this.patchBytes + this.reserve - atHand)) {
      if (this.cache.evict(keep)) continue;
      const last = this.farthest();
      if (last <= position) return false;
      this.forget(last);
    }
    return true;
  }

  /** Free bytes for what is needed now: subjects go first, then the patches due last. */
  private makeRoom(bytes: number, keep?: number): boolean {
    while (!this.budget.fits(bytes)) {
      if (this.cache.evict(keep)) continue;
      const last = this.farthest();
      if (last <= this.next) return false;
      this.forget(last);
    }
    return true;
  }

  private farthest(): number {
    let last = -1;
    for (const position of this.patches.keys()) last = Math.max(last, position);
    return last;
  }

  private forget(position: number): void {
    this.patches.delete(position);
    this.budget.give(this.patchBytes);
  }
}
