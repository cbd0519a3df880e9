import { ConfigError } from '../errors.ts';

export interface OneCycleOptions {
  /** Highest learning rate, reached at `pctStart` of the run. */
  readonly lrMax: number;
  /** The run starts at lrMax / div. */
  readonly div?: number;
  /** The run ends towards lrMax / divFinal. */
  readonly divFinal?: number;
  readonly pctStart?: number;
  /** Momentum at the start, at `pctStart` and at the end. */
  readonly moms?: readonly [number, number, number];
}

const cosine = (start: number, end: number, position: number): number =>
  start + ((1 + Math.cos(Math.PI * (1 - position))) * (end - start)) / 2;

/**
 * Learning rate and momentum of one batch under the 1cycle policy (Smith & Topin 2017): half a
 * cosine up, half a cosine down, momentum the other way round.
 *
 * @param position share of the run that is done before this batch: batch / (epochs * batches), in [0, 1]
 * @throws ConfigError if the position or pctStart is outside its range
 * @see fastai Learner.fit_one_cycle, combined_cos
 * Differs from fastai: the position within a half is computed in float64, not float32 (1e-7 relative).
 */
export function oneCycle(
  position: number,
  { lrMax, div = 25, divFinal = 1e5, pctStart = 0.25, moms = [0.95, 0.85, 0.95] }: OneCycleOptions,
): { lr: number; momentum: number } {
  if (!(position >= 0 && position <= 1) || !(pctStart > 0 && pctStart < 1)) {
    throw new ConfigError(
      `oneCycle: outside the cycle. Got position ${position}, pctStart ${pctStart}. Pass 0 <= position <= 1 and 0 < pctStart < 1.`,
    );
  }
  if (position < pctStart) {
    const done = position / pctStart;
    return { lr: cosine(lrMax / div, lrMax, done), momentum: cosine(moms[0], moms[1], done) };
  }
  const done = (position - pctStart) / (1 - pctStart);
  return { lr: cosine(lrMax, lrMax / divFinal, done), momentum: cosine(moms[1], moms[2], done) };
}
