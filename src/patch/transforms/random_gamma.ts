import { gammaVolume } from './gamma.ts';
import { checkProbability, rangeOf } from './ranges.ts';
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
  checkProbability(p, 'randomGamma', 'p');
  return {
    name: 'RandomGamma',
    params: { logGamma, p },
    apply(subject, rng) {
      if (rng.uniform() >= p) return subject;
      const exponents = Array.from({ length: subject.image.shape[0] }, () =>
        Math.exp(rng.range(low, high)),
      );
      return { ...subject, image: gammaVolume(subject.image, exponents) };
    },
  };
}
