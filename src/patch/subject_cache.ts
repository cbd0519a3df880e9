import { VoxgradError } from '../errors.ts';
import type { ByteBudget, Evictable } from './byte_budget.ts';
import type { Subject } from './subject.ts';

/** Upper bounds of what a subject takes. */
export interface SubjectBytes {
  /** Once it is there. */
  readonly loaded: number;
  /** While it is read: the file, its voxels and what is made of them on the way. */
  readonly loading: number;
}

/** Where a queue gets its subjects from: files, a browser's file list, or memory. */
export interface SubjectSource {
  readonly count: number;
  /** For messages about subjects that could not be loaded. */
  name(index: number): string;
  /** Read and preprocess one subject; the same every time. Several may be asked for at once. */
  load(index: number, signal?: AbortSignal): Promise<Subject>;
  /** What a subject will take, e.g. from its header; makes the queue's bound exact. */
  bytes?(index: number, signal?: AbortSignal): SubjectBytes | Promise<SubjectBytes>;
}

/** Bytes of a subject's voxels. */
export function bytesOf({ image, label }: Subject): number {
  return image.data.byteLength + (label?.data.byteLength ?? 0);
}

/** Subjects that are loaded, that are being loaded, and that could not be. */
export class SubjectCache implements Evictable {
  private readonly source: SubjectSource;
  private readonly budget: ByteBudget;
  private readonly onFailure: (error: VoxgradError) => void;
  /** Least recently used first. */
  private readonly held = new Map<number, Subject>();
  private readonly loads = new Map<number, Promise<void>>();
  private readonly failures = new Map<number, VoxgradError>();
  /** Bytes of each subject ever loaded or measured. */
  private readonly known = new Map<number, SubjectBytes>();
  /** To expect of a subject that nothing is known of. */
  private largest: SubjectBytes = { loaded: 0, loading: 0 };

  constructor(
    source: SubjectSource,
    budget: ByteBudget,
    onFailure: (error: VoxgradError) => void = () => {},
  ) {
    this.source = source;
    this.budget = budget;
    this.onFailure = onFailure;
    budget.join(this);
  }

  /** Subjects of the source. */
  get count(): number {
    return this.source.count;
  }

  name(index: number): string {
    return this.source.name(index);
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

  /** Loaded subjects, least recently used first. */
  get indices(): number[] {
    return [...this.held.keys()];
  }

  /** Drop a subject, the least recently used one by default; false if it is not there. */
  evict(index: number | undefined = this.indices[0]): boolean {
    const subject = index === undefined ? undefined : this.held.get(index);
    if (!subject) return false;
    this.held.delete(index!);
    this.budget.give(bytesOf(subject));
    return true;
  }

  /** Subjects that are being loaded. */
  get loading(): number {
    return this.loads.size;
  }

  isLoading(index: number): boolean {
    return this.loads.has(index);
  }

  /** Resolves when the subject's load ends, or any if it has none; at once if nothing is loading. */
  async settled(index?: number): Promise<void> {
    const own = index === undefined ? undefined : this.loads.get(index);
    if (own) await own;
    else if (this.loads.size > 0) await Promise.race(this.loads.values());
  }

  /** Why a subject could not be loaded: an error that names it, with the loader's as its cause. */
  failure(index: number): VoxgradError | undefined {
    return this.failures.get(index);
  }

  /** Lets all subjects be tried again. */
  forgive(): void {
    this.failures.clear();
  }

  /** Bytes that loading the subject will take, exact once it has been loaded. */
  async measure(index: number, signal?: AbortSignal): Promise<SubjectBytes> {
    const known = this.known.get(index);
    if (known || !this.source.bytes) return known ?? this.largest;
    try {
      return this.learn(index, await this.source.bytes(index, signal));
    } catch {
      // Loading will meet the same obstacle and say it better.
      return this.largest;
    }
  }

  /** Start loading a subject: afterwards it is held, or has a failure, or the signal was aborted. */
  load(index: number, expected: SubjectBytes, signal?: AbortSignal): Promise<void> {
    this.budget.take(expected.loading);
    const load = this.source
      .load(index, signal)
      .then(
        (subject) => {
          const loaded = bytesOf(subject);
          this.learn(index, { loaded, loading: Math.max(loaded, expected.loading) });
          this.held.set(index, subject);
          return loaded;
        },
        (cause: unknown) => {
          if (!signal?.aborted) this.fail(index, cause);
          return 0;
        },
      )
      .then((loaded) => {
        this.loads.delete(index);
        this.budget.give(expected.loading);
        this.budget.take(loaded);
      });
    this.loads.set(index, load);
    return load;
  }

  private learn(index: number, bytes: SubjectBytes): SubjectBytes {
    this.known.set(index, bytes);
    this.largest = {
      loaded: Math.max(this.largest.loaded, bytes.loaded),
      loading: Math.max(this.largest.loading, bytes.loading),
    };
    return bytes;
  }

  private fail(index: number, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new VoxgradError(
      `PatchQueue: subject '${this.source.name(index)}' could not be loaded. ${reason}`,
      { cause },
    );
    this.failures.set(index, error);
    this.onFailure(error);
  }
}
