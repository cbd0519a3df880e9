/** The worker's end of the line: does tasks one after another, on a GPU that it owns. */
import { ConfigError, plainError, WorkerError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { adapterFacts } from './adapter_facts.ts';
import { evaluateTask } from './evaluate_task.ts';
import { GpuKeeper } from './gpu_keeper.ts';
import { inspectTask } from './inspect_task.ts';
import { loadModelTask } from './load_model_task.ts';
import { openGpu } from './open_gpu.ts';
import type { PageMessage, TaskName, WorkerMessage } from './protocol.ts';
import { segmentTask } from './segment_task.ts';
import { breathe, type TaskContext, type TaskWork, type WorkerState } from './task_context.ts';
import { inspectTrainingTask, planTrainingTask, trainTask } from './train_task.ts';

/** What of a worker's global scope is needed. */
export interface HostPort {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

export interface HostOptions {
  /** Default: the browser's adapter. */
  readonly openGpu?: () => Promise<Gpu>;
}

const openTask: TaskWork<'open'> = async (_, { state }) => adapterFacts(await state.gpu.get());

const TASKS: { readonly [N in TaskName]: TaskWork<N> } = {
  open: openTask,
  loadModel: loadModelTask,
  inspect: inspectTask,
  segment: segmentTask,
  evaluate: evaluateTask,
  inspectTraining: inspectTrainingTask,
  planTraining: planTrainingTask,
  train: trainTask,
};

/** Short, and without the GPU: done while others wait for it. */
const UNQUEUED: readonly TaskName[] = ['inspect'];

/** What browsers say where an array gets no memory. */
const NO_MEMORY =
  /allocation failed|allocation size|out of memory|invalid (typed )?array( buffer)? length/i;

/** A lack of memory in words; anything else as it is. */
function explained(error: unknown): unknown {
  if (!(error instanceof RangeError) || !NO_MEMORY.test(error.message)) return error;
  return new WorkerError(
    `VoxgradWorker: the browser gives no memory for this. ${error.message}. Close other tabs, or use a smaller image.`,
    { cause: error },
  );
}

/** A task that waits or is under way. */
interface Running {
  readonly controller: AbortController;
  readonly answers: Map<string, () => unknown>;
}

class WorkerHost {
  private readonly port: HostPort;
  private readonly state: WorkerState;
  private readonly running = new Map<number, Running>();
  private queue: Promise<void> = Promise.resolve();

  constructor(port: HostPort, options: HostOptions) {
    this.port = port;
    this.state = { gpu: new GpuKeeper(options.openGpu ?? (() => openGpu())), model: undefined };
  }

  receive(message: PageMessage): void {
    switch (message.type) {
      case 'request': {
        const { id, task, payload } = message;
        this.running.set(id, { controller: new AbortController(), answers: new Map() });
        const work = (): Promise<void> => this.answer(id, () => this.work(id, task, payload));
        if (UNQUEUED.includes(task)) void work();
        else this.queue = this.queue.then(work);
        return;
      }
      case 'cancel':
        this.running.get(message.id)?.controller.abort();
        return;
      case 'ask':
        void this.answer(message.id, () => this.question(message.job, message.question));
        return;
    }
  }

  private async work(id: number, task: TaskName, payload: unknown): Promise<unknown> {
    const { controller, answers } = this.running.get(id)!;
    const context: TaskContext<unknown> = {
      state: this.state,
      signal: controller.signal,
      report: (progress) => this.send({ type: 'progress', id, progress }),
      warn: (message) => this.send({ type: 'warning', id, message }),
      onQuestion: (question, answer) => void answers.set(question, answer),
    };
    try {
      // A cancellation may have been sent while the task waited.
      await breathe(controller.signal);
      const does = TASKS[task] as TaskWork<TaskName> | undefined;
      if (does) return await does(payload as never, context);
      throw new WorkerError(
        `VoxgradWorker: the worker does not know '${task}'. Page and worker are of different versions. Load the page again.`,
      );
    } finally {
      this.running.delete(id);
    }
  }

  private async question(job: number, question: string): Promise<unknown> {
    const answer = this.running.get(job)?.answers.get(question);
    if (answer) return answer();
    throw new ConfigError(
      `VoxgradWorker: the job does not answer. Asked '${question}' of a job that has ended, has not begun or does not know it. Ask while it is under way.`,
    );
  }

  /** Never rejects: what goes wrong is the answer. */
  private async answer(id: number, work: () => Promise<unknown>): Promise<void> {
    try {
      this.send({ type: 'result', id, result: await work() });
    } catch (error) {
      this.send({ type: 'error', id, error: plainError(explained(error)) });
    }
  }

  private send(message: WorkerMessage): void {
    this.port.postMessage(message);
  }
}

/**
 * Makes a worker do the tasks of a `VoxgradWorker`. What the entry `voxgrad/worker` runs.
 *
 * @param port Default: the worker that this runs in
 */
export function hostWorker(
  port: HostPort = globalThis as unknown as HostPort,
  options: HostOptions = {},
): void {
  const host = new WorkerHost(port, options);
  port.addEventListener('message', ({ data }) => host.receive(data as PageMessage));
}
