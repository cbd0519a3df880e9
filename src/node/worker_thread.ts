/** One thread that answers tasks, seen from outside: its start, its answers, its death. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { WorkerError } from '../errors.ts';

/** Voxels lie outside of a thread's heap; one that grows beyond this is out of control. */
const LIMITS = { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 512 } };

/** Far more than a start takes on a busy machine. */
const START_SECONDS = 120;

/**
 * A module of threads that lies beside the module of `base`: .ts in a checkout, .js in the package.
 *
 * @param base `import.meta.url` of the caller
 */
export function workerEntry(stem: string, base: string): URL {
  return new URL(`./${stem}${extname(new URL(base).pathname)}`, base);
}

/**
 * Run from its TypeScript source, a thread needs the loader that its parent has; Node 20 does not
 * hand it down, and does not take one among a thread's options.
 */
function startWorker(entry: URL): Worker {
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry, LIMITS);
  const loader = pathToFileURL(createRequire(entry).resolve('tsx/esm/api').replace(/cjs$/, 'mjs'));
  const code = `import('${loader}').then(({ register }) => {
    register();
    return import('${entry}');
  });`;
  return new Worker(code, { ...LIMITS, eval: true });
}

/** A thread that died over a task. */
export class ThreadDeath extends Error {}

/**
 * The module of `entry` posts one message when it is ready (`answerTasks` does), and then one for each
 * task. A thread that waits for a task does not keep the process alive.
 */
export class WorkerThread {
  private readonly entry: URL;
  private readonly worker: Worker | undefined;
  private readonly ready: Promise<void>;
  private startError: Error | undefined;
  private death: Error | undefined;
  private answer: { resolve: (value: unknown) => void; reject: (error: Error) => void } | undefined;

  /** Never throws: what is wrong with the entry comes out at the first task. */
  constructor(entry: URL) {
    this.entry = entry;
    try {
      if (entry.protocol === 'file:' && !existsSync(fileURLToPath(entry))) {
        throw new Error('there is no such file');
      }
      this.worker = startWorker(entry);
    } catch (error) {
      this.startError = error as Error;
      this.ready = Promise.resolve();
      return;
    }
    this.ready = this.waitForStart(this.worker);
  }

  get isDead(): boolean {
    return this.death !== undefined || this.startError !== undefined;
  }

  /**
   * Sends a task and waits for its answer. One task at a time.
   *
   * @throws WorkerError if the thread does not start
   * @throws ThreadDeath if it dies over the task, with what it died of as the message
   */
  async ask<T, R>(task: T): Promise<R> {
    this.worker?.ref();
    try {
      await this.ready;
      if (this.startError) throw this.startFailure(this.startError);
      return await new Promise<R>((resolve, reject) => {
        this.answer = { resolve: resolve as (value: unknown) => void, reject };
        if (this.death) reject(this.death);
        else this.worker!.postMessage(task);
      });
    } finally {
      this.answer = undefined;
      this.worker?.unref();
    }
  }

  /** Ends the thread; the task that it has fails. */
  async end(): Promise<void> {
    await this.worker?.terminate();
  }

  /** Resolves at the first message, or when there will be none. */
  private waitForStart(worker: Worker): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.startError = new Error(`it was not ready after ${START_SECONDS} seconds`);
        void worker.terminate();
        resolve();
      }, START_SECONDS * 1000);
      let isReady = false;
      const die = (error: Error): void => {
        this.death ??= new ThreadDeath(error.message, { cause: error });
        if (!isReady) this.startError ??= error;
        this.answer?.reject(this.death);
        clearTimeout(timer);
        resolve();
      };
      worker.on('message', (message: unknown) => {
        if (isReady) {
          this.answer?.resolve(message);
          return;
        }
        isReady = true;
        clearTimeout(timer);
        resolve();
      });
      worker.on('messageerror', die);
      worker.on('error', die);
      worker.on('exit', (code) => die(new Error(`the worker thread ended with code ${code}`)));
    });
  }

  private startFailure(cause: Error): WorkerError {
    return new WorkerError(
      `startWorker: a worker thread does not start. ${this.entry.href}: ${cause.message}. Keep the package's files together, or work without threads (numWorkers or maxWorkers 0 or 1).`,
      { cause },
    );
  }
}
