/** Threads that wait for tasks and may die without taking the rest with them. */
import { VoxgradError, WorkerError } from '../errors.ts';
import { type Answer, resultOf } from './answer_tasks.ts';
import { WorkerThread } from './worker_thread.ts';

export interface PoolTaskOptions {
  readonly signal?: AbortSignal | undefined;
  /** Afterwards the thread is given up and the task fails. Default: any time. */
  readonly seconds?: number;
}

interface Slot {
  thread: WorkerThread | undefined;
}

/** Starts its threads when there is work for them; idle, they do not keep the process alive. */
export class WorkerPool<T, R> {
  private readonly entry: URL;
  private readonly idle: Slot[];
  private readonly waiting: ((slot: Slot) => void)[] = [];
  private readonly threads = new Set<WorkerThread>();
  private isClosed = false;

  /** @param entry module that calls `answerTasks` */
  constructor(entry: URL, size: number) {
    this.entry = entry;
    this.idle = Array.from({ length: size }, () => ({ thread: undefined }));
  }

  /**
   * One task in one of the threads, as soon as one is free.
   *
   * @throws what the thread's function threw
   * @throws WorkerError if no thread can be started or the pool is closed, ThreadDeath if the thread
   *   died over the task, VoxgradError after `seconds`, the signal's reason at once when it is aborted
   */
  async run(task: T, { signal, seconds }: PoolTaskOptions = {}): Promise<R> {
    signal?.throwIfAborted();
    const slot = await this.acquire(signal);
    if (signal?.aborted || this.isClosed) {
      this.release(slot);
      throw signal?.aborted ? signal.reason : closed();
    }
    if (!slot.thread || slot.thread.isDead) {
      if (slot.thread) this.threads.delete(slot.thread);
      slot.thread = new WorkerThread(this.entry);
      this.threads.add(slot.thread);
    }
    const { thread } = slot;
    const answer = thread.ask<T, Answer<R>>(task);
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    const end = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort);
      if (seconds === undefined) return;
      timer = setTimeout(() => {
        void thread.end();
        this.threads.delete(thread);
        slot.thread = undefined;
        reject(new VoxgradError(`WorkerPool.run: no answer after ${seconds} seconds.`));
      }, seconds * 1000);
    });
    // Even a task that nobody waits for occupies its thread until it is done.
    answer.then(
      () => this.release(slot),
      () => this.release(slot),
    );
    try {
      return resultOf(await Promise.race([answer, end]));
    } catch (error) {
      if (this.isClosed) throw closed();
      throw error;
    } finally {
      clearTimeout(timer);
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends all threads; tasks that they have, and later ones, fail. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const resolve of this.waiting.splice(0)) resolve({ thread: undefined });
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  private acquire(signal: AbortSignal | undefined): Promise<Slot> {
    const slot = this.idle.shift();
    if (slot) return Promise.resolve(slot);
    return new Promise((resolve, reject) => {
      const give = (free: Slot): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(free);
      };
      const onAbort = (): void => {
        this.waiting.splice(this.waiting.indexOf(give), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(give);
    });
  }

  private release(slot: Slot): void {
    const next = this.waiting.shift();
    if (next) next(slot);
    else this.idle.push(slot);
  }
}

const closed = (): WorkerError =>
  new WorkerError('WorkerPool.run: the pool is closed. Got another task. Make a new pool.');
