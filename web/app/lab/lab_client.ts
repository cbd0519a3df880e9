/** The page's end of the worker: one call per task. A worker that hangs can be left for a new one. */
import type { Note, Reply, TaskName, Tasks } from './lab_protocol.ts';

interface Pending {
  readonly resolve: (answers: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onNote: (note: Note) => void;
}

export class LabClient {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private next = 0;

  /** Rejects with the worker's words. */
  call<T extends TaskName>(
    task: T,
    asks: Tasks[T]['asks'],
    onNote: (note: Note) => void = () => undefined,
  ): Promise<Tasks[T]['answers']> {
    const id = this.next++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject, onNote });
    });
    this.start().postMessage({ id, task, asks });
    return answer as Promise<Tasks[T]['answers']>;
  }

  /** Ends what runs, with these words, and the worker with it; the next call gets another. */
  restart(reason: string): void {
    this.worker?.terminate();
    this.worker = undefined;
    for (const { reject } of this.pending.values()) reject(new Error(reason));
    this.pending.clear();
  }

  private start(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./lab_worker.ts', import.meta.url), { type: 'module' });
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.restart(
        `The worker of this page failed: ${event.message || 'its script did not load'}.`,
      );
    };
    return worker;
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (!pending) return;
    if ('note' in reply) {
      pending.onNote(reply.note);
      return;
    }
    this.pending.delete(reply.id);
    if ('error' in reply) pending.reject(new Error(reply.error));
    else pending.resolve(reply.answers);
  }
}
