/** The same work on many things, in threads that may die without taking the rest with them. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

export interface WorkerMapOptions<T, R> {
  /** Threads, each with one task at a time. */
  readonly workers: number;
  /** Stands for the result of a task whose thread died over it; the next task gets a new thread. */
  readonly onCrash: (task: T, error: Error) => R;
  /** Called as results arrive, in any order. */
  readonly onResult?: (result: R, task: T) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Run from its TypeScript source, a thread needs the loader that its parent has; Node 20 does not
 * hand it down, and does not take one among a thread's options.
 */
function startWorker(entry: URL): Worker {
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry, { execArgv: [] });
  const loader = pathToFileURL(createRequire(entry).resolve('tsx/esm/api').replace(/cjs$/, 'mjs'));
  const code = `import('${loader}').then(({ register }) => {
    register();
    return import('${entry}');
  });`;
  return new Worker(code, { eval: true, execArgv: [] });
}

/** A thread that answers each message with one. */
export class Thread {
  private readonly worker: Worker;
  /** Rejects when the thread dies, and never resolves. */
  private readonly death: Promise<never>;
  isDead = false;

  constructor(entry: URL) {
    this.worker = startWorker(entry);
    this.death = new Promise((_, reject) => {
      this.worker.once('error', reject);
      this.worker.once('exit', (code) =>
        reject(new Error(`the worker thread ended with code ${code}`)),
      );
    });
    this.death.catch(() => {
      this.isDead = true;
    });
  }

  /** Sends a task and waits for the one message that answers it, or for the thread's death. */
  async ask<T, R>(task: T, signal: AbortSignal | undefined): Promise<R> {
    const answer = once(this.worker, 'message', signal ? { signal } : {});
    this.worker.postMessage(task);
    const [result] = await Promise.race([answer, this.death]);
    return result as R;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

/**
 * Results in the order of the tasks. When it returns or throws no thread is left.
 *
 * @param entry module of the threads, which answers each message with one; it catches what it expects
 * @param tasks values that can be cloned
 * @throws the signal's reason, and whatever `onResult` throws
 */
export async function mapInWorkers<T, R>(
  entry: URL,
  tasks: readonly T[],
  { workers, onCrash, onResult, signal }: WorkerMapOptions<T, R>,
): Promise<R[]> {
  const results = new Array<R>(tasks.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    let thread: Thread | undefined;
    try {
      while (next < tasks.length) {
        signal?.throwIfAborted();
        const index = next++;
        const task = tasks[index]!;
        if (!thread || thread.isDead) thread = new Thread(entry);
        let result: R;
        try {
          result = await thread.ask<T, R>(task, signal);
        } catch (error) {
          signal?.throwIfAborted();
          await thread.end();
          thread = undefined;
          result = onCrash(task, error as Error);
        }
        results[index] = result;
        onResult?.(result, task);
      }
    } catch (error) {
      // The other threads finish what they have begun, and take nothing new.
      next = tasks.length;
      throw error;
    } finally {
      await thread?.end();
    }
  };
  const lanes = Array.from({ length: Math.min(workers, tasks.length) }, lane);
  for (const outcome of await Promise.allSettled(lanes)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  return results;
}
