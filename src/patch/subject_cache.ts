import { VoxgradError } from '../errors.ts';
import type { Subject } from './subject.ts';

/** Where a queue gets its subjects from: files, a browser's file list, or memory. */
export interface SubjectSource {
  readonly count: number;
  /** For messages about subjects that could not be loaded. */
  name(index: number): string;
  /** Read and preprocess one subject; the same every time. */
  load(index: number, signal?: AbortSignal): Promise<Subject>;
  /** Upper bound of a loaded subject's bytes, e.g. from its header; makes the queue's bound exact. */
  bytes?(index: number): number;
}

/** Bytes in use against a limit. */
export class ByteBudget {
  readonly maxBytes: number;
  bytes = 0;
  peakBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  take(bytes: number): void {
    this.bytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
  }

  give(bytes: number): void {
    this.bytes -= bytes;
  }

  fits(bytes: number): boolean {
    return this.bytes + bytes <= this.maxBytes;
  }
}

/** Bytes of a subject's voxels. */
export function bytesOf({ image, label }: Subject): number {
  return image.data.byteLength + (label?.data.byteLength ?? 0);
}

/** Loaded subjects, least recently used first; whoever needs room evicts them. */
export class SubjectCache {
  /** Bytes to expect of a subject that has not been loaded yet. */
  largestBytes = 0;
  private readonly source: SubjectSource;
  private readonly budget: ByteBudget;
  private readonly held = new Map<number, Subject>();
  /** Bytes of each subject ever loaded. */
  private readonly known = new Map<number, number>();

  constructor(source: SubjectSource, budget: ByteBudget) {
    this.source = source;
    this.budget = budget;
    for (let index = 0; source.bytes && index < source.count; index++) {
      this.largestBytes = Math.max(this.largestBytes, source.bytes(index));
    }
  }

  has(index: number): boolean {
    return this.held.has(index);
  }

  /** Marks the subject as just used. */
  get(index: number): Subject | undefined {
    const subject = this.held.get(index);
    if (!subject) return undefined;
    this.held.delete(index);
    this.held.set(index, subject);
    return subject;
  }

  /** Bytes that loading the subject will take, exact once it has been loaded. */
  expectedBytes(index: number): number {
    return this.known.get(index) ?? this.source.bytes?.(index) ?? this.largestBytes;
  }

  /** Bytes of all subjects together, extrapolated from those seen. */
  get expectedTotal(): number {
    let seen = 0;
    for (const bytes of this.known.values()) seen += bytes;
    return (seen / this.known.size) * this.source.count;
  }

  /** Drop the least recently used subject, but never `keep`; false if there is none. */
  evict(keep?: number): boolean {
    for (const [index, subject] of this.held) {
      if (index === keep) continue;
      this.held.delete(index);
      this.budget.give(bytesOf(subject));
      return true;
    }
    return false;
  }

  /**
   * Load a subject, its bytes counted from the start. Pass it to `hold` when it arrives.
   *
   * @throws VoxgradError that names the subject, with the loader's error as its cause
   */
  async load(index: number, signal?: AbortSignal): Promise<Subject> {
    const expected = this.expectedBytes(index);
    this.budget.take(expected);
    try {
      const subject = await this.source.load(index, signal);
      const bytes = bytesOf(subject);
      this.known.set(index, bytes);
      this.largestBytes = Math.max(this.largestBytes, bytes);
      this.budget.take(bytes - expected);
      return subject;
    } catch (cause) {
      this.budget.give(expected);
      signal?.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new VoxgradError(
        `PatchQueue: subject '${this.source.name(index)}' could not be loaded. ${reason}`,
        { cause },
      );
    }
  }

  /** Keep a subject that `load` returned until it is evicted. */
  hold(index: number, subject: Subject): void {
    this.held.set(index, subject);
  }
}
