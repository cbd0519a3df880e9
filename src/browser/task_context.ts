/** What a task finds in the worker. */
import type { GpuKeeper } from './gpu_keeper.ts';
import type { LoadedModel } from './loaded_model.ts';
import type { TaskName, Tasks } from './protocol.ts';

/** What outlives a task. */
export interface WorkerState {
  readonly gpu: GpuKeeper;
  /** Of the latest `loadModel`. */
  model: LoadedModel | undefined;
}

export interface TaskContext<Progress> {
  readonly state: WorkerState;
  /** Aborted when the page cancels. Messages arrive only while the task waits for something: see `breathe`. */
  readonly signal: AbortSignal;
  report(progress: Progress): void;
  warn(message: string): void;
  /** Answers the page's questions of this kind while the task is under way. */
  onQuestion(question: string, answer: () => unknown): void;
}

/** What does a task, in the worker. */
export type TaskWork<N extends TaskName> = (
  payload: Tasks[N]['payload'],
  context: TaskContext<Tasks[N]['progress']>,
) => Promise<Tasks[N]['result']>;

/** Lets messages in, a cancellation above all, before long work that does not wait. Throws the signal's reason. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}
