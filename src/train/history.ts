/** What a training run leaves on record; `JSON.stringify` of it is `history.json` (NaN becomes null). */

export interface StepRecord {
  /** Counts over all epochs, from 0. */
  readonly step: number;
  readonly epoch: number;
  /** Of the batch, before the update. */
  readonly loss: number;
  readonly lr: number;
  readonly momentum: number;
}

export interface EpochRecord {
  /** From 0. */
  readonly epoch: number;
  /** Steps done so far, over all epochs. */
  readonly steps: number;
  /** Smoothed training loss at the end of the epoch. */
  readonly trainLoss: number;
  /** Mean over the validation patches; NaN without any. */
  readonly validLoss: number;
  /** One Dice over all validation voxels; NaN without any foreground. */
  readonly accumulatedDice: number;
  /** Of the foreground classes 1, 2, ..., of which that is the mean; only where there are several. */
  readonly accumulatedDicePerClass?: readonly number[];
  /** Whether this is the highest accumulated Dice so far. */
  readonly isBest: boolean;
  /** Wall time of training and validation; after a resume within the epoch, since then. */
  readonly seconds: number;
  /** Of these, waiting for batches. The GPU may be busy with the step before. */
  readonly dataSeconds?: number;
  /** Of these, waiting for batches while the GPU had nothing to do. */
  readonly idleSeconds?: number;
}

export interface History {
  readonly totalSteps: number;
  readonly lrMax: number;
  /** How the learning rate changes. Default: the 1cycle policy. */
  readonly schedule?: 'one_cycle' | 'constant';
  readonly lossName: string;
  readonly steps: StepRecord[];
  readonly epochs: EpochRecord[];
  /** Why training ended before `totalSteps`, where a callback has ended it. */
  stopped?: string;
}

/** The epoch whose weights are kept, or undefined if no epoch ever had a Dice. */
export function bestEpoch(history: History): EpochRecord | undefined {
  return history.epochs.findLast(({ isBest }) => isBest);
}

/** Whether all steps are done and validated, or a callback has ended the training. */
export function isTrained({ totalSteps, steps, epochs, stopped }: History): boolean {
  if (stopped !== undefined) return true;
  return steps.length >= totalSteps && epochs.at(-1)?.steps === steps.length;
}
