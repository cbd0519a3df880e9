/** Who is told of a training besides its run folder. */

/** A training that is about to begin. */
export interface TrackedRun {
  /** The run folder; settings and split are in it. */
  readonly root: string;
  /** Folder of the training data. */
  readonly data: string;
  readonly isResumed: boolean;
  /** Passes over the training subjects, the last of which may be shorter. */
  readonly epochs: number;
  readonly lossName: string;
}

/** Must neither hold up a training nor make it fail, once it has begun. */
export interface RunTracker {
  /** Before the first step. What it throws ends the training. */
  begin(run: TrackedRun): Promise<void>;
  /** The folder holds something new. */
  notify(): void;
  /** The last file is written. Takes a bounded time, and never throws. */
  end(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>;
}
