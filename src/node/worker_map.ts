/** The same work on many things, in threads that may die without taking the rest with them. */
import { WorkerPool } from './worker_pool.ts';
import { ThreadDeath } from './worker_thread.ts';

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
 * Results in the order of the tasks. When it returns or throws no thread is left.
 *
 * @param entry module of the threads, which calls `answerTasks`
 * @param tasks values that can be cloned
 * @throws WorkerError if no thread can be started
 * @throws the signal's reason, and whatever the threads' function and `onResult` throw
 */
export async function mapInWorkers<T, R>(
  entry: URL,
  tasks: readonly T[],
  { workers, onCrash, onResult, signal }: WorkerMapOptions<T, R>,
): Promise<R[]> {
  const results = new Array<R>(tasks.length);
  const pool = new WorkerPool<T, R>(entry, Math.min(workers, tasks.length));
  let next = 0;
  const lane = async (): Promise<void> => {
    try {
      while (next < tasks.length) {
        const index = next++;
        const task = tasks[index]!;
        const result = await pool.run(task, { signal }).catch((error: Error) => {
          if (error instanceof ThreadDeath) return onCrash(task, error);
          throw error;
        });
        results[index] = result;
        onResult?.(result, task);
      }
    } catch (error) {
      // The other threads finish what they have begun, and take nothing new.
      next = tasks.length;
      throw error;
    }
  };
  try {
    const lanes = Array.from({ length: Math.min(workers, tasks.length) }, lane);
    for (const outcome of await Promise.allSettled(lanes)) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
    return results;
  } finally {
    await pool.close();
  }
}
