import { ConfigError } from '../../errors.ts';
import { blur } from './blur.ts';
import { randomTransform, withProbability } from './random_transform.ts';
import { drawTriple, rangesOf } from './ranges.ts';
import type { Transform } from './transform.ts';

export interface RandomBlurParams {
  /**
   * Standard deviations in mm along i, j, k: one number (or three) n means 0 to n, two the range
   * of all axes, six low and high of each.
   */
  readonly std?: number | readonly number[];
  /** Probability of a blur. */
  readonly p?: number;
}

/**
 * `blur` with standard deviations drawn uniformly, one per axis, from ranges.
 *
 * @throws ConfigError for what is no range, and for deviations below 0
 * @see TorchIO RandomBlur(std), fastMONAI RandomBlur (p 0.5, where TorchIO's is 1)
 */
export function randomBlur({ std = [0, 2], p = 0.5 }: RandomBlurParams = {}): Transform {
  const ranges = rangesOf(std, null, 'randomBlur std');
  if (!ranges.every(([low]) => low >= 0)) {
    throw new ConfigError(
      `randomBlur: std must not be negative. Got ranges ${JSON.stringify(ranges)}. Pass millimetres from 0.`,
    );
  }
  const draw = withProbability(p, 'randomBlur', (_, rng) => blur({ std: drawTriple(ranges, rng) }));
  return randomTransform({ name: 'RandomBlur', params: { std, p } }, draw);
}
