/** What a training tells the page: often enough for a live curve, seldom enough not to keep it busy. */
import type { EpochRecord, History, StepRecord } from '../train/history.ts';

export type TrainStage =
  | 'reading'
  | 'compiling'
  | 'training'
  | 'validating'
  | 'paused'
  | 'recovering';

export interface TrainStep {
  /** From 0, over all epochs. */
  readonly step: number;
  /** Of the batch, before the update. */
  readonly loss: number;
  /** Mean of the losses so far, recent ones first. */
  readonly smoothed: number;
}

export interface TrainProgress {
  readonly stage: TrainStage;
  /** Cases read, kernels compiled, or steps done. */
  readonly done: number;
  readonly total: number;
  /** Done since the last message. */
  readonly steps: readonly TrainStep[];
  readonly epochs: readonly EpochRecord[];
  /** A device was lost: steps and epochs from here on are forgotten and done again. */
  readonly restart?: { readonly steps: number; readonly epochs: number };
  /** Until the last step; once the pace is known. */
  readonly secondsLeft?: number;
}

const MILLISECONDS_BETWEEN = 100;
/** Steps from which a pace can be told. */
const STEPS_OF_PACE = 3;

export class TrainingProgress {
  private readonly send: (progress: TrainProgress) => void;
  private readonly now: () => number;
  private current: { stage: TrainStage; done: number; total: number } = {
    stage: 'reading',
    done: 0,
    total: 1,
  };
  private steps: TrainStep[] = [];
  private epochs: EpochRecord[] = [];
  private from: TrainProgress['restart'];
  private sentAt = Number.NEGATIVE_INFINITY;
  private isSent = true;
  /** Time of work since the first step of this device, without pauses. */
  private pace = { steps: 0, milliseconds: 0, since: 0 };

  /** @param now milliseconds, rising. Default: those of the clock */
  constructor(send: (progress: TrainProgress) => void, now = () => performance.now()) {
    this.send = send;
    this.now = now;
  }

  /** A stage before the first step. */
  stage(stage: TrainStage, done: number, total: number): void {
    const isNew = stage !== this.current.stage;
    this.current = { stage, done, total };
    this.news(isNew || done === total);
  }

  step({ step, loss }: StepRecord, total: number, smoothed: number): void {
    const now = this.now();
    if (this.pace.steps > 0) this.pace.milliseconds += now - this.pace.since;
    this.pace.steps++;
    this.pace.since = now;
    this.steps.push({ step, loss, smoothed });
    this.current = { stage: 'training', done: step + 1, total };
    this.news(step + 1 === total);
  }

  epoch(record: EpochRecord): void {
    this.epochs.push(record);
    this.current = { ...this.current, stage: 'training' };
    this.news(true);
  }

  validating(): void {
    this.current = { ...this.current, stage: 'validating' };
    this.news(true);
  }

  paused(): void {
    this.current = { ...this.current, stage: 'paused' };
    this.news(true);
  }

  /** The training goes on after a pause, whose time does not count. */
  running(): void {
    if (this.current.stage !== 'paused') return;
    this.current = { ...this.current, stage: 'training' };
    this.pace.since = this.now();
    this.news(true);
  }

  /** Another device goes on from the last checkpoint. */
  restart(history: History | undefined): void {
    const steps = history?.steps.length ?? 0;
    this.steps = this.steps.filter(({ step }) => step < steps);
    const epochs = history?.epochs.length ?? 0;
    this.epochs = this.epochs.filter(({ epoch }) => epoch < epochs);
    this.from = { steps, epochs };
    this.pace = { steps: 0, milliseconds: 0, since: 0 };
    this.current = { ...this.current, stage: 'recovering', done: steps };
    this.news(true);
  }

  /** Sends what is left. */
  flush(): void {
    if (!this.isSent) this.news(true);
  }

  private news(isUrgent: boolean): void {
    this.isSent = false;
    const now = this.now();
    if (!isUrgent && now - this.sentAt < MILLISECONDS_BETWEEN) return;
    this.sentAt = now;
    this.isSent = true;
    const { steps, epochs, from } = this;
    const secondsLeft = this.secondsLeft();
    this.steps = [];
    this.epochs = [];
    this.from = undefined;
    this.send({
      ...this.current,
      steps,
      epochs,
      ...(from ? { restart: from } : {}),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
    });
  }

  private secondsLeft(): number | undefined {
    const { steps, milliseconds } = this.pace;
    if (steps <= STEPS_OF_PACE) return undefined;
    const { done, total } = this.current;
    return ((milliseconds / (steps - 1)) * (total - done)) / 1000;
  }
}
