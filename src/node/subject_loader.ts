/** Subjects from files: read here or in threads, watched by the clock. */
import { availableParallelism } from 'node:os';
import { ConfigError, VoxgradError } from '../errors.ts';
import type { Preprocessing } from '../patch/preprocessing.ts';
import type { Subject } from '../patch/subject.ts';
import type { SubjectBytes } from '../patch/subject_cache.ts';
import type { LabelRule, SubjectFiles } from './dataset_folder.ts';
import { type LoadSubjectTask, loadSubject, subjectBytes } from './load_subject.ts';
import { WorkerPool } from './worker_pool.ts';
import { ThreadDeath, workerEntry } from './worker_thread.ts';

export interface SubjectLoaderOptions {
  /** Without it labels stay as they are in the file. */
  readonly rule?: LabelRule;
  readonly preprocessing: Preprocessing;
  /** Pair label maps with their images by index, wherever they claim to lie. Default true. */
  readonly ensureAffineConsistency?: boolean;
  /** Threads that read; 0: the thread of the caller. Default: what the configuration says. */
  readonly numWorkers?: number | undefined;
  /** Decides where `numWorkers` does not; at most one per core. Default 4, as there. */
  readonly queueNumWorkers?: number;
  /** Receives a sentence about a subject that is slow to arrive. */
  readonly onWarning?: (message: string) => void;
  /** Seconds after which a subject is slow. Default 30. */
  readonly slowSeconds?: number;
  /** Seconds after which a subject counts as unreadable. Default 600. */
  readonly timeoutSeconds?: number;
  /** Module of the threads. Default: this package's. */
  readonly workerModule?: URL;
}

const MOST_WORKERS = 64;

/**
 * Loads subjects for a queue. A thread that dies over a subject is replaced and the subject tried once
 * more; it never takes more than itself along.
 */
export class SubjectLoader {
  readonly numWorkers: number;
  private readonly options: SubjectLoaderOptions;
  private readonly slowSeconds: number;
  private readonly timeoutSeconds: number;
  private readonly pool: WorkerPool<LoadSubjectTask, Subject> | undefined;

  /** @throws ConfigError if numWorkers is no number of threads */
  constructor(options: SubjectLoaderOptions) {
    const { queueNumWorkers = 4 } = options;
    const { numWorkers = Math.min(queueNumWorkers, availableParallelism()) } = options;
    if (!Number.isInteger(numWorkers) || numWorkers < 0 || numWorkers > MOST_WORKERS) {
      throw new ConfigError(
        `SubjectLoader: numWorkers is no number of threads. Got ${numWorkers}. Pass a whole number from 0 to ${MOST_WORKERS}.`,
      );
    }
    this.options = options;
    this.numWorkers = numWorkers;
    this.slowSeconds = options.slowSeconds ?? 30;
    this.timeoutSeconds = options.timeoutSeconds ?? 600;
    const entry = options.workerModule ?? workerEntry('load_subject_worker', import.meta.url);
    this.pool = numWorkers > 0 ? new WorkerPool(entry, numWorkers) : undefined;
  }

  /**
   * One preprocessed subject.
   *
   * @throws FormatError, ShapeError and ConfigError as `loadSubject`
   * @throws VoxgradError for one that does not arrive in time or over which threads die
   * @throws WorkerError if threads cannot be started, and the signal's reason
   */
  async load(files: SubjectFiles, signal?: AbortSignal): Promise<Subject> {
    const { onWarning } = this.options;
    const slow = setTimeout(() => {
      onWarning?.(`'${files.name}' is being read for ${this.slowSeconds} seconds: ${files.image}`);
    }, this.slowSeconds * 1000);
    try {
      return await (this.pool
        ? this.inThread(this.pool, files, signal)
        : this.inTime(loadSubject(this.task(files)), files));
    } finally {
      clearTimeout(slow);
    }
  }

  /** What `load` will take. Reads headers only. @throws FormatError */
  bytes(files: SubjectFiles): Promise<SubjectBytes> {
    return this.inTime(subjectBytes(this.task(files)), files);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.pool?.close();
  }

  private task(files: SubjectFiles): LoadSubjectTask {
    const { rule, preprocessing, ensureAffineConsistency = true } = this.options;
    return { files, preprocessing, ensureAffineConsistency, ...(rule ? { rule } : {}) };
  }

  private async inThread(
    pool: WorkerPool<LoadSubjectTask, Subject>,
    files: SubjectFiles,
    signal: AbortSignal | undefined,
  ): Promise<Subject> {
    const task = this.task(files);
    const run = (): Promise<Subject> => pool.run(task, { signal, seconds: this.timeoutSeconds });
    try {
      return await run().catch((error: unknown) => {
        if (error instanceof ThreadDeath) return run();
        throw error;
      });
    } catch (error) {
      if (!(error instanceof ThreadDeath)) throw error;
      throw new VoxgradError(
        `${files.image}: SubjectLoader.load: the thread that read it died, twice. ${error.message}. Leave the subject out, or give the process more memory.`,
        { cause: error },
      );
    }
  }

  private async inTime<T>(work: Promise<T>, { image }: SubjectFiles): Promise<T> {
    const seconds = this.timeoutSeconds;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new VoxgradError(`${image}: SubjectLoader.load: no answer after ${seconds} seconds.`),
        );
      }, seconds * 1000);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
