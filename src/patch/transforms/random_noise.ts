import { ConfigError } from '../../errors.ts';
import { noise } from './noise.ts';
import { randomTransform, withProbability } from './random_transform.ts';
import { numbersOf, rangeOf } from './ranges.ts';
import type { Transform } from './transform.ts';

export interface RandomNoiseParams {
  /** Range of the mean; one number n means -n to n. */
  readonly mean?: number | readonly number[];
  /** Range of the standard deviation; one number is the deviation itself. */
  readonly std?: number | readonly number[];
  /** Probability of noise. */
  readonly p?: number;
}

/**
 * `noise` with mean and standard deviation drawn uniformly from ranges, and a seed of its own.
 *
 * @throws ConfigError for what is no range, and for deviations below 0
 * @see TorchIO RandomNoise(mean, std), fastMONAI RandomNoise (p 0.5, where TorchIO's is 1)
 */
export function randomNoise({
  mean = 0,
  std = [0, 0.25],
  p = 0.5,
}: RandomNoiseParams = {}): Transform {
  const means = rangeOf(mean, 'randomNoise mean');
  const given = numbersOf(std, 'randomNoise std', [1, 2]);
  const [low, high] = rangeOf([given[0]!, given.at(-1)!], 'randomNoise std');
  if (low < 0) {
    throw new ConfigError(
      `randomNoise: std must not be negative. Got ${JSON.stringify(std)}. Pass one number or two from 0.`,
    );
  }
  const draw = withProbability(p, 'randomNoise', (_, rng) =>
    noise({
      mean: rng.range(...means),
      std: rng.range(low, high),
      seed: [rng.next(), rng.next()],
    }),
  );
  return randomTransform({ name: 'RandomNoise', params: { mean, std, p } }, draw);
}
