/** A training seen from the page. */
import type { Job, RunningJob } from './job.ts';
import type { TrainProgress } from './training_progress.ts';
import type { TrainedModel } from './training_session.ts';
import type { WorkerLink } from './worker_link.ts';

/**
 * A training under way. Each message has the steps and epochs since the one before, so that a curve
 * needs a loop from the start. Before it has begun, and after its end, it does not answer: what follows
 * rejects with ConfigError then.
 */
export interface TrainJob extends Job<TrainedModel, TrainProgress> {
  /** Holds before the next step. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it between two steps: `result` has the best weights so far. */
  stop(): Promise<void>;
  /** A model file of the best weights so far, at any time, afterwards too. */
  saveModel(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Adds to a job of the worker what only trainings can do. */
export function trainJob(link: WorkerLink, job: RunningJob<TrainedModel, TrainProgress>): TrainJob {
  let result: TrainedModel | undefined;
  job.result.then(
    (trained) => {
      result = trained;
    },
    () => undefined,
  );
  return {
    result: job.result,
    [Symbol.asyncIterator]: () => job[Symbol.asyncIterator](),
    pause: () => link.ask<void>(job.id, 'pause'),
    resume: () => link.ask<void>(job.id, 'resume'),
    stop: () => link.ask<void>(job.id, 'stop'),
    saveModel: async () => result?.file ?? link.ask<Uint8Array<ArrayBuffer>>(job.id, 'model'),
  };
}
