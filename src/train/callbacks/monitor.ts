/** Which epoch is the best one so far. */
import type { EpochRecord, History } from '../history.ts';

/** Names as in fastai's table and in history.csv. */
export type MonitorName = 'train_loss' | 'valid_loss' | 'accumulated_dice';

export interface MonitorOptions {
  readonly monitor?: MonitorName;
  /** Which value is better. Default: a smaller loss, a greater anything else. */
  readonly comparison?: 'less' | 'greater';
  /** A value has to be better by more than this. Default 0. */
  readonly minDelta?: number;
}

const VALUES: Record<MonitorName, (record: EpochRecord) => number> = {
  train_loss: ({ trainLoss }) => trainLoss,
  valid_loss: ({ validLoss }) => validLoss,
  accumulated_dice: ({ accumulatedDice }) => accumulatedDice,
};

/** @see fastai TrackerCallback */
export class Monitor {
  readonly name: MonitorName;
  private readonly sign: 1 | -1;
  private readonly minDelta: number;
  private highest = Number.NEGATIVE_INFINITY;
  private epoch: number | undefined;

  constructor(options: MonitorOptions, name: MonitorName) {
    this.name = options.monitor ?? name;
    const comparison = options.comparison ?? (this.name.endsWith('loss') ? 'less' : 'greater');
    this.sign = comparison === 'less' ? -1 : 1;
    this.minDelta = options.minDelta ?? 0;
  }

  /** The best value so far; infinite before there is one. */
  get best(): number {
    return this.sign * this.highest;
  }

  /** The epoch that has it, from 0. */
  get bestEpoch(): number | undefined {
    return this.epoch;
  }

  /** Forgets all, and takes in the epochs of an interrupted fit. */
  replay({ epochs }: History): void {
    this.highest = Number.NEGATIVE_INFINITY;
    this.epoch = undefined;
    for (const record of epochs) this.update(record);
  }

  /** Whether the epoch is strictly better than all before; one whose value is NaN is not. */
  update(record: EpochRecord): boolean {
    const value = this.sign * VALUES[this.name](record);
    if (!(value - this.minDelta > this.highest)) return false;
    this.highest = value;
    this.epoch = record.epoch;
    return true;
  }
}
