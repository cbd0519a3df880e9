/** The page's side of prepare_worker.ts. */
import type { Answer, Task, Tasks } from './prepare_worker.ts';

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

export class Preparation {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;

  /** @throws Error with the words of the worker's error; `abandoned` where `stop` came first */
  ask<T extends Task>(task: T, question: Tasks[T]['question']): Promise<Tasks[T]['answer']> {
    const id = this.next++;
    const worker = this.start();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ id, task, ...question });
    });
  }

  /** Ends what is being done; the next question starts a new worker. */
  stop(reason = 'abandoned'): void {
    this.worker?.terminate();
    this.worker = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new Error(reason));
  }

  get isBusy(): boolean {
    return this.waiting.size > 0;
  }

  private start(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./prepare_worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      const waiting = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ('error' in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.answer as never);
    });
    worker.addEventListener('error', (event) => {
      this.stop(event.message || 'the part of the page that unpacks scans could not be started');
    });
    this.worker = worker;
    return worker;
  }
}
