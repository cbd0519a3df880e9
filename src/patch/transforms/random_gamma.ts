import { gamma } from './gamma.ts';
import { randomTransform, withProbability } from './random_transform.ts';
import { rangeOf } from './ranges.ts';
import type { Transform } from './transform.ts';

export interface RandomGammaParams {
  /** Range of the exponent's logarithm; one number n means -n to n. */
  readonly logGamma?: number | readonly number[];
  /** Probability of a change. */
  readonly p?: number;
}

/**
 * `gamma` with exponents e^u, u drawn uniformly for each channel.
 *
 * @throws ConfigError for what is no range
 * @see TorchIO RandomGamma(log_gamma), fastMONAI RandomGamma (p 0.5, where TorchIO's is 1)
 */
export function randomGamma({
  logGamma = [-0.3, 0.3],
  p = 0.5,
}: RandomGammaParams = {}): Transform {
  const [low, high] = rangeOf(logGamma, 'randomGamma logGamma');
  const draw = withProbability(p, 'randomGamma', ({ shape }, rng) =>
    gamma({ gamma: Array.from({ length: shape[0] }, () => Math.exp(rng.range(low, high))) }),
  );
  return randomTransform({ name: 'RandomGamma', params: { logGamma, p } }, draw);
}
