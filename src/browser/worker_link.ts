/** The page's end of the line to a worker: requests out, answers in, and the worker's death. */
import { errorOf, WorkerError } from '../errors.ts';
import { RunningJob } from './job.ts';
import type { PageMessage, TaskName, Tasks, WorkerMessage } from './protocol.ts';

/** What of a `Worker` is needed. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  addEventListener(
    type: 'message' | 'messageerror' | 'error',
    listener: (event: Event) => void,
  ): void;
  terminate(): void;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

interface Pending {
  readonly job: RunningJob<unknown, unknown>;
  readonly onWarning: RequestOptions['onWarning'];
  readonly stopListening: () => void;
}

export class WorkerLink {
  private readonly worker: WorkerLike;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private death: Error | undefined;

  constructor(worker: WorkerLike) {
    this.worker = worker;
    worker.addEventListener('message', (event) =>
      this.receive((event as MessageEvent<WorkerMessage>).data),
    );
    worker.addEventListener('error', (event) => {
      event.preventDefault?.();
      this.die((event as ErrorEvent).message || 'its script did not load, or it ran out of memory');
    });
    worker.addEventListener('messageerror', () => this.die('a message could not be read'));
  }

  /** Sends a task. It waits in the worker until the ones before it are done. */
  request<N extends TaskName>(
    task: N,
    payload: Tasks[N]['payload'],
    { signal, onWarning }: RequestOptions = {},
  ): RunningJob<Tasks[N]['result'], Tasks[N]['progress']> {
    const job = this.register<Tasks[N]['result'], Tasks[N]['progress']>(signal, onWarning);
    if (this.pending.has(job.id)) this.send({ type: 'request', id: job.id, task, payload });
    return job;
  }

  /** Puts a question to a job that is under way, and waits for its answer; it does not queue. */
  ask<R>(job: number, question: string): Promise<R> {
    const answer = this.register<R, never>(undefined, undefined);
    if (this.pending.has(answer.id)) this.send({ type: 'ask', id: answer.id, job, question });
    return answer.result;
  }

  /** Ends the worker; what is under way, and later requests, fail with `reason`. */
  close(reason: Error): void {
    this.death ??= reason;
    this.worker.terminate();
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(this.death);
  }

  private register<R, P>(
    signal: AbortSignal | undefined,
    onWarning: RequestOptions['onWarning'],
  ): RunningJob<R, P> {
    const job = new RunningJob<R, P>(this.nextId++);
    if (this.death || signal?.aborted) {
      job.reject(this.death ?? signal?.reason);
      return job;
    }
    const onAbort = (): void => {
      this.take(job.id);
      this.send({ type: 'cancel', id: job.id });
      job.reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.pending.set(job.id, {
      job: job as RunningJob<unknown, unknown>,
      onWarning,
      stopListening: () => signal?.removeEventListener('abort', onAbort),
    });
    return job;
  }

  private receive(message: WorkerMessage): void {
    const pending = this.pending.get(message.id);
    // Of a job that was cancelled, the last words still arrive.
    if (!pending) return;
    switch (message.type) {
      case 'progress':
        pending.job.report(message.progress);
        return;
      case 'warning':
        pending.onWarning?.(message.message);
        return;
      case 'result':
        this.take(message.id)?.resolve(message.result);
        return;
      case 'error':
        this.take(message.id)?.reject(errorOf(message.error));
    }
  }

  private take(id: number): RunningJob<unknown, unknown> | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.stopListening();
    return pending?.job;
  }

  private send(message: PageMessage): void {
    try {
      this.worker.postMessage(message);
    } catch (error) {
      this.take(message.id)?.reject(
        new WorkerError(
          `VoxgradWorker: the request cannot be sent to the worker. ${(error as Error).message}. Pass Blobs, typed arrays and plain objects.`,
          { cause: error },
        ),
      );
    }
  }

  private die(reason: string): void {
    this.close(
      new WorkerError(
        `VoxgradWorker: the worker has died. Reason: ${reason}. Open a new one, with smaller images or patches if it ran out of memory.`,
      ),
    );
  }
}
