/** One thread that answers tasks, seen from inside. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { errorOf, type PlainError, plainError } from '../errors.ts';

/** What a thread posts for a task. */
export type Answer<R> = { readonly result: R } | { readonly error: PlainError };

/**
 * The answer's result, or its error as one of this project's where it was one.
 *
 * @throws what the thread's function threw
 */
export function resultOf<R>(answer: Answer<R>): R {
  if ('result' in answer) return answer.result;
  throw errorOf(answer.error);
}

/**
 * Makes this thread answer each task with what `work` returns or throws, until the thread is ended.
 *
 * @param transfers buffers of a result that go to the other thread without a copy
 */
export function answerTasks<T, R>(
  work: (task: T) => Promise<R>,
  transfers: (result: R) => ArrayBuffer[] = () => [],
  port: MessagePort | null = parentPort,
): void {
  port?.on('message', async (task: T) => {
    try {
      const result = await work(task);
      port.postMessage({ result } satisfies Answer<R>, transfers(result));
    } catch (error) {
      port.postMessage({ error: plainError(error) } satisfies Answer<R>);
    }
  });
  port?.postMessage('ready');
}
