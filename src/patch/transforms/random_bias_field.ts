import { biasField, checkOrder, coefficientCount } from './bias_field.ts';
import { randomTransform, withProbability } from './random_transform.ts';
import { rangeOf } from './ranges.ts';
import type { Transform } from './transform.ts';

export interface RandomBiasFieldParams {
  /** Range of the polynomial's coefficients; one number n means -n to n. */
  readonly coefficients?: number | readonly number[];
  /** Of the polynomial. */
  readonly order?: number;
  /** Probability of a field. */
  readonly p?: number;
}

/**
 * `biasField` with coefficients drawn uniformly from a range.
 *
 * @throws ConfigError for what is no range, and for an order that is not a whole number from 0
 * @see TorchIO RandomBiasField(coefficients, order), fastMONAI RandomBiasField (p 0.5, where
 *   TorchIO's is 1)
 */
export function randomBiasField({
  coefficients = 0.5,
  order = 3,
  p = 0.5,
}: RandomBiasFieldParams = {}): Transform {
  const [low, high] = rangeOf(coefficients, 'randomBiasField coefficients');
  checkOrder(order, 'randomBiasField');
  const draw = withProbability(p, 'randomBiasField', (_, rng) => {
    const drawn = Array.from({ length: coefficientCount(order) }, () => rng.range(low, high));
    return biasField({ coefficients: drawn, order });
  });
  return randomTransform({ name: 'RandomBiasField', params: { coefficients, order, p } }, draw);
}
