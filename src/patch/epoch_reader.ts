/** One epoch of the queue: what to load, what to cut ahead and what to forget, within a byte budget. */
import { ConfigError, VoxgradError, WorkerError } from '../errors.ts';
import type { Rng } from '../rng.ts';
import type { ByteBudget } from './byte_budget.ts';
import { cutPatch, type PatchLocation } from './location.ts';
import type { PlannedPatch } from './queue_plan.ts';
import { ReadingPlan } from './reading_plan.ts';
import type { Sampler } from './sampler.ts';
import type { Subject } from './subject.ts';
import { bytesOf, type SubjectCache } from './subject_cache.ts';

/** What becomes of a subject that cannot be read. */
export type OnUnreadable = 'fatal' | 'skip';

export interface EpochReaderOptions {
  readonly plan: readonly PlannedPatch[];
  /** Position in the plan of the first patch to hand out. Default 0. */
  readonly start?: number;
  readonly samplesPerVolume: number;
  readonly batchSize: number;
  readonly sampler: Sampler;
  /** Stream of this epoch's patch locations. */
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
  /** Subjects that are read at the same time. Default 1. */
  readonly readers?: number;
  /** Keep subjects that are not due any more while they fit. Default true. */
  readonly keepLoaded?: boolean;
  /** Default 'fatal'. */
  readonly onUnreadable?: OnUnreadable;
}

/** A patch as a subject of its own, and where it was cut. */
export interface CutPatch {
  readonly patch: Subject;
  readonly location: PatchLocation;
}

/** Whether the subject is to blame for a failed load, and not the threads that should have done it. */
export const isUnreadable = ({ cause }: VoxgradError): boolean => !(cause instanceof WorkerError);

/** Patches to look through for subjects to read ahead. */
const HORIZON = 2048;

/** Resolves or rejects as `work` does, but rejects with the signal's reason as soon as it is aborted. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Hands out the patches of a plan in its order. A subject is loaded ahead of its first patch and
 * stays until its last. Where that does not fit, its later patches are cut at once and kept instead;
 * where not even they fit, what is due last is given up and read again. Locations depend on the
 * random stream alone, so none of this changes a patch.
 */
export class EpochReader {
  private readonly options: EpochReaderOptions;
  private readonly cache: SubjectCache;
  private readonly budget: ByteBudget;
  private readonly plan: ReadingPlan;
  private readonly readers: number;
  /** By position; chosen for all patches of a subject together. */
  private readonly locations = new Map<number, PatchLocation>();
  private readonly patches = new Map<number, CutPatch>();
  /** Subjects of patches that were handed out. */
  private readonly used = new Set<number>();
  private next: number;
  private patchBytes = 0;
  private batchBytes = 0;
  private isReadingAhead = false;
  private closed = false;

  constructor(options: EpochReaderOptions, cache: SubjectCache, budget: ByteBudget) {
    this.options = options;
    this.cache = cache;
    this.budget = budget;
    this.plan = new ReadingPlan(options.plan, options.samplesPerVolume, cache.count);
    this.readers = options.readers ?? 1;
    this.next = options.start ?? 0;
    // What ended an earlier epoch may have been mended.
    if (options.onUnreadable !== 'skip') cache.forgive();
  }

  /**
   * The next patch of the plan; its bytes are the caller's from here on.
   *
   * @throws VoxgradError that names a subject which could not be loaded, if that is fatal or none can
   * @throws ConfigError  if one subject and one batch do not fit into the budget
   */
  async take(): Promise<CutPatch> {
    const position = this.next;
    let patch = this.patches.get(position);
    while (!patch) {
      this.options.signal?.throwIfAborted();
      const { subject } = this.plan.at(position);
      if (this.cache.failure(subject)) this.giveUp(subject);
      else if (!this.cache.has(subject)) await this.fetch(subject);
      else if (!this.cut(position, position)) await this.waitForRoom(subject);
      patch = this.patches.get(position);
    }
    const { subject } = this.plan.at(position);
    this.forget(position);
    this.locations.delete(position);
    this.next++;
    this.used.add(subject);
    if (this.options.keepLoaded === false && this.dueAt(subject) === Number.POSITIVE_INFINITY) {
      this.cache.evict(subject);
    }
    return patch;
  }

  /** Start reading subjects that will be needed soon, without waiting for them. */
  prefetch(): void {
    if (this.isReadingAhead) return;
    this.isReadingAhead = true;
    this.readAhead()
      .catch(() => {})
      .finally(() => {
        this.isReadingAhead = false;
      });
  }

  /** Give back the bytes of patches; what is still being read arrives in the cache. */
  close(): void {
    this.closed = true;
    for (const position of [...this.patches.keys()]) this.forget(position);
    this.budget.give(this.batchBytes);
    this.batchBytes = 0;
    if (this.options.keepLoaded !== false) return;
    for (const index of this.cache.indices) this.cache.evict(index);
  }

  private async readAhead(): Promise<void> {
    const { signal } = this.options;
    // One subject in work, and for each further reader one that it reads and one that waits.
    let ahead = 2 * this.readers - 1;
    const seen = new Set<number>();
    const end = Math.min(this.plan.length, this.next + HORIZON);
    for (let position = this.next; position < end; position++) {
      const { subject } = this.plan.at(position);
      if (this.patches.has(position) || seen.has(subject)) continue;
      seen.add(subject);
      if (this.cache.failure(subject)) continue;
      if (!this.cache.has(subject) && !this.cache.isLoading(subject)) {
        if (this.cache.loading >= this.readers) return;
        const bytes = await this.cache.measure(subject, signal);
        if (this.closed || signal?.aborted || position < this.next) return;
        if (this.cache.has(subject) || this.cache.isLoading(subject)) continue;
        if (!this.makeRoom(bytes.loading, position)) return;
        this.start(subject, bytes);
      }
      if (!this.used.has(subject) && --ahead === 0) return;
    }
  }

  private start(subject: number, bytes: { loaded: number; loading: number }): void {
    void this.cache.load(subject, bytes, this.options.signal).then(() => {
      if (!this.closed) this.prefetch();
    });
  }

  /** Load a subject whose patch is due. It may need to be called again. */
  private async fetch(subject: number): Promise<void> {
    const { signal } = this.options;
    if (!this.cache.isLoading(subject)) {
      const bytes = await this.cache.measure(subject, signal);
      if (this.cache.has(subject) || this.cache.isLoading(subject)) return;
      if (this.makeRoom(bytes.loading, this.next)) this.start(subject, bytes);
      else if (this.cache.loading === 0) this.failForRoom(subject, bytes.loading);
      if (this.readers > 1) this.prefetch();
    }
    await unlessAborted(this.cache.settled(subject), signal);
  }

  private async waitForRoom(subject: number): Promise<void> {
    if (this.cache.loading === 0) this.failForRoom(subject, bytesOf(this.cache.get(subject)!));
    await unlessAborted(this.cache.settled(), this.options.signal);
  }

  private failForRoom(subject: number, bytes: number): never {
    const { batchSize } = this.options;
    throw new ConfigError(
      `PatchQueue: maxBytes is too small. Subject '${this.cache.name(subject)}' takes ${bytes} bytes and each of ${batchSize} patches in a batch ${this.patchBytes}; maxBytes is ${this.budget.maxBytes}. Raise maxBytes, or choose a smaller batch or patch.`,
    );
  }

  /** Hand the patches of an unreadable subject to others, or end with its error. */
  private giveUp(subject: number): void {
    const failure = this.cache.failure(subject)!;
    if (this.options.onUnreadable !== 'skip' || !isUnreadable(failure)) throw failure;
    const positions = this.uncut(subject);
    for (const position of positions) this.locations.delete(position);
    if (this.plan.replace(subject, positions, (other) => !this.cache.failure(other))) return;
    throw new VoxgradError(
      `PatchQueue: no subject can be read. Tried all, '${this.cache.name(subject)}' last. ${failure.message}`,
      { cause: failure },
    );
  }

  /** Positions of a subject's patches that are still to be cut. */
  private uncut(subject: number): number[] {
    return this.plan.positionsOf(subject, this.next).filter((n) => !this.patches.has(n));
  }

  /** When a loaded subject is needed next; Infinity if not in this epoch. */
  private dueAt(subject: number): number {
    return this.uncut(subject)[0] ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Cut a patch of a loaded subject, giving up only what is due after `horizon`.
   *
   * @returns false if it does not fit
   */
  private cut(position: number, horizon: number): boolean {
    const index = this.plan.at(position).subject;
    const subject = this.cache.get(index)!;
    const location = this.locationOf(position, subject);
    if (!this.reserveBatch(subject, index)) return false;
    if (!this.makeRoom(this.patchBytes, horizon, index)) return false;
    this.patches.set(position, { patch: cutPatch(subject, location), location });
    this.budget.take(this.patchBytes);
    return true;
  }

  private locationOf(position: number, subject: Subject): PatchLocation {
    const known = this.locations.get(position);
    if (known) return known;
    const { sampler, rng } = this.options;
    const index = this.plan.at(position).subject;
    const stream = rng.fold(index);
    for (const n of this.plan.positionsOf(index, this.next)) {
      if (this.locations.has(n)) continue;
      this.locations.set(n, sampler.sample(subject, stream.fold(this.plan.at(n).sample)));
    }
    return this.locations.get(position)!;
  }

  /** Bytes of the batch that is put together or worked on, and of one patch on its way into it. */
  private reserveBatch(subject: Subject, index: number): boolean {
    if (this.patchBytes === 0) {
      const voxels = this.options.sampler.patchSize.reduce((a, b) => a * b, 1);
      this.patchBytes = 4 * voxels * (subject.image.shape[0] + (subject.label?.shape[0] ?? 0));
    }
    if (this.batchBytes > 0) return true;
    const bytes = this.patchBytes * (this.options.batchSize + 1);
    if (!this.makeRoom(bytes, this.next, index)) return false;
    this.budget.take(bytes);
    this.batchBytes = bytes;
    return true;
  }

  /** Free bytes by giving up what is due after `horizon`, what is due last first; never `keep`. */
  private makeRoom(bytes: number, horizon: number, keep?: number): boolean {
    while (!this.budget.fits(bytes)) {
      const idle = this.cache.indices.find(
        (n) => n !== keep && this.dueAt(n) === Number.POSITIVE_INFINITY,
      );
      if (idle !== undefined) this.cache.evict(idle);
      else if (this.budget.evictOther(this.cache)) continue;
      else if (!this.shrink(keep) && !this.dropLast(horizon, keep)) return false;
    }
    return true;
  }

  /** Keep the patches of a subject instead of the subject, where that is less; false if it nowhere is. */
  private shrink(keep: number | undefined): boolean {
    for (const index of this.cache.indices) {
      if (index === keep || this.patchBytes === 0) continue;
      const positions = this.uncut(index);
      const bytes = positions.length * this.patchBytes;
      if (bytes >= bytesOf(this.cache.get(index)!) || !this.budget.fits(bytes)) continue;
      this.cutAhead(positions);
      this.cache.evict(index);
      return true;
    }
    return false;
  }

  /** Give up the patch or subject that is due last. Of a subject, the nearest patches are kept. */
  private dropLast(horizon: number, keep: number | undefined): boolean {
    let last = horizon;
    let victim: number | undefined;
    for (const position of this.patches.keys()) last = Math.max(last, position);
    for (const index of this.cache.indices) {
      const due = this.dueAt(index);
      if (index === keep || due <= last) continue;
      last = due;
      victim = index;
    }
    if (victim === undefined) {
      if (last === horizon) return false;
      this.forget(last);
      return true;
    }
    const count = this.patchBytes
      ? Math.floor((this.budget.maxBytes - this.budget.bytes) / this.patchBytes)
      : 0;
    this.cutAhead(this.uncut(victim).slice(0, count));
    this.cache.evict(victim);
    return true;
  }

  private cutAhead(positions: readonly number[]): void {
    for (const position of positions) this.cut(position, Number.POSITIVE_INFINITY);
  }

  private forget(position: number): void {
    this.patches.delete(position);
    this.budget.give(this.patchBytes);
  }
}
