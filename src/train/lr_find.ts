/** The learning-rate finder: a short training under a growing rate, and what its loss says. */
import { ConfigError } from '../errors.ts';
import type { AdamRate } from './adam.ts';
import type { Batch, DataLoaders } from './batch.ts';
import { SmoothedLoss } from './smoothed_loss.ts';
import { valley } from './valley.ts';

export interface LrSchedule {
  /** Learning rate of the first step. Default 1e-7. */
  readonly startLr: number;
  /** Learning rate that a step after the last would have. Default 10. */
  readonly endLr: number;
  /** Optimiser steps, over as many epochs as they take. Default 100. */
  readonly numIt: number;
  /** Stops once the smoothed loss is above four times its lowest value. Default true. */
  readonly stopDiv: boolean;
}

export interface LrFindOptions extends Partial<LrSchedule> {
  /** Default: those of the learner. */
  readonly loaders?: DataLoaders;
  /** Stops between two steps by throwing its reason. */
  readonly signal?: AbortSignal;
  readonly onStep?: (record: LrFindStep, numIt: number) => void;
  /** Called before the first step, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
}

export interface LrFindStep {
  /** From 0. */
  readonly step: number;
  readonly lr: number;
  /** Of the batch, before the update. */
  readonly loss: number;
  readonly smoothedLoss: number;
}

/** What was tried, in the order of the steps. */
export interface LrFinding {
  /** Suggested learning rate, one of `lrs`. */
  readonly valley: number;
  readonly lrs: readonly number[];
  /** Smoothed. */
  readonly losses: readonly number[];
  /** Of each batch. */
  readonly stepLosses: readonly number[];
  /** Whether the loss ran away before the last step. */
  readonly diverged: boolean;
}

/** One optimiser step of a learner. */
export interface StepOptions {
  /** From 0; chooses the random numbers of dropout. */
  readonly step: number;
  readonly rate: AdamRate;
  /** Whether the loss may be infinite or NaN. Default false: that is an error. */
  readonly mayDiverge?: boolean;
}

/** The learner's part of the search. */
export interface Trial {
  /** The batches of one step after the other. */
  readonly epoch: (epoch: number) => AsyncIterable<readonly Batch[]>;
  /** Updates the weights. Gives the loss before that. */
  readonly step: (batches: readonly Batch[], options: StepOptions) => Promise<number>;
}

/** That of fastai's Adam where nothing schedules it. */
const MOMENTUM = 0.9;
/** Times the lowest smoothed loss. */
const DIVERGED = 4;
/** Points at the end that say nothing any more; nor does the first tenth of the steps. */
const SKIP_END = 5;
const skipStart = (numIt: number): number => Math.floor(numIt / 10);

/**
 * Trains step by step until the loss diverges or `numIt` is reached. Taking the steps back is the
 * caller's business.
 *
 * @throws ConfigError for rates that do not grow, for too few steps, and for a loss that diverged
 *   before there was anything to suggest
 * @see fastai Learner.lr_find, LRFinder
 * Differs from fastai: after a loss that is NaN no step is taken any more. They would all be NaN, and
 * the suggestion is the same.
 */
export async function findLr(options: LrFindOptions, trial: Trial): Promise<LrFinding> {
  const { startLr, endLr, numIt, stopDiv } = lrSchedule(options);
  const { signal, onStep } = options;
  const lrs: number[] = [];
  const losses: number[] = [];
  const stepLosses: number[] = [];
  const smoothed = new SmoothedLoss();
  let lowest = Number.POSITIVE_INFINITY;
  let diverged = false;
  for (let epoch = 0; losses.length < numIt && !diverged; epoch++) {
    const before = losses.length;
    for await (const batches of trial.epoch(epoch)) {
      signal?.throwIfAborted();
      const step = losses.length;
      const lr = exponentialLr(step / numIt, startLr, endLr);
      // As long as nothing could be suggested, a loss that is not finite is an error with a cause.
      const mayDiverge = step > skipStart(numIt);
      const rate = { lr, momentum: MOMENTUM };
      const loss = await trial.step(batches, { step, rate, mayDiverge });
      const smoothedLoss = smoothed.update(loss);
      lrs.push(lr);
      losses.push(smoothedLoss);
      stepLosses.push(loss);
      onStep?.({ step, lr, loss, smoothedLoss }, numIt);
      if (smoothedLoss < lowest) lowest = smoothedLoss;
      diverged = Number.isNaN(smoothedLoss) || (stopDiv && smoothedLoss > DIVERGED * lowest);
      if (diverged || losses.length === numIt) break;
    }
    if (losses.length === before) {
      throw new ConfigError(
        `lrFind: the training loader gave no batch. Got none in epoch ${epoch}. Use more subjects, more patches per volume or a smaller batch.`,
      );
    }
  }
  return { valley: suggestLr(lrs, losses, numIt), lrs, losses, stepLosses, diverged };
}

/** From `start` to `end` by equal factors. @param position 0 to 1  @see fastai SchedExp */
export function exponentialLr(position: number, start: number, end: number): number {
  return start * (end / start) ** position;
}

/**
 * The learning rate at the valley of the losses without their first tenth, the last five, and what
 * follows a NaN.
 *
 * @param losses smoothed, of up to `numIt` steps
 * @throws ConfigError if nothing is left
 */
export function suggestLr(
  lrs: readonly number[],
  losses: readonly number[],
  numIt: number,
): number {
  const skip = skipStart(numIt);
  const firstNaN = losses.findIndex(Number.isNaN);
  const end = firstNaN < 0 ? losses.length - SKIP_END : Math.min(firstNaN, numIt - SKIP_END);
  if (end <= skip) {
    throw new ConfigError(
      `lrFind: the loss diverged before there was anything to suggest. Got ${losses.length} of ${numIt} steps, the last at learning rate ${lrs.at(-1)}. Pass a lower startLr, more steps or stopDiv: false.`,
    );
  }
  return lrs[skip + valley(losses.slice(skip, end))]!;
}

/** Fills in fastai's defaults. @throws ConfigError as `findLr` */
export function lrSchedule({
  startLr = 1e-7,
  endLr = 10,
  numIt = 100,
  stopDiv = true,
}: Partial<LrSchedule>): LrSchedule {
  if (!(startLr > 0 && endLr > startLr && endLr < Number.POSITIVE_INFINITY)) {
    throw new ConfigError(
      `lrFind: the learning rate has to grow. Got startLr ${startLr}, endLr ${endLr}. Pass 0 < startLr < endLr.`,
    );
  }
  if (!Number.isInteger(numIt) || numIt <= SKIP_END) {
    throw new ConfigError(
      `lrFind: too few steps to suggest anything. Got numIt ${numIt}, of which the last ${SKIP_END} do not count. Pass a whole number from ${SKIP_END + 1}.`,
    );
  }
  return { startLr, endLr, numIt, stopDiv };
}
