/** How far the results of two engines lie apart. */
import type { Tensors } from './tensor_file.ts';

/** Of the largest logit, after some twenty layers of single precision in another order. */
export const LOGIT_TOLERANCE = 1e-3;
/** Of a parameter's largest gradient: activations at the kink of PReLU may fall on either side. */
export const GRADIENT_TOLERANCE = 5e-3;
/** Of the loss. */
export const LOSS_TOLERANCE = 1e-3;

export interface Difference {
  /** The tensor that differs most: `logits`, `loss`, or a parameter's name. */
  readonly worst: string;
  /** Largest difference of an element over the largest element expected. NaN counts as worst. */
  readonly error: number;
  /** Names of all tensors beyond the tolerance, or missing. */
  readonly wrong: readonly string[];
  /** How many were compared. */
  readonly tensors: number;
}

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Largest difference of an element; NaN if one is NaN or the lengths differ. */
function largestDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.NaN;
  return expected.reduce((most, value, n) => Math.max(most, Math.abs(actual[n]! - value)), 0);
}

const toleranceOf = (name: string): number => {
  if (name === 'logits') return LOGIT_TOLERANCE;
  return name === 'loss' ? LOSS_TOLERANCE : GRADIENT_TOLERANCE;
};

/**
 * What the error is measured by. A bias before a norm has no gradient but noise: it is measured by
 * that of its layer's weight, too.
 */
function scaleOf(name: string, expected: Tensors): number {
  const own = largest(expected.get(name)!.data);
  const weight = expected.get(name.replace(/bias$/, 'weight'));
  return Math.max(own, weight ? largest(weight.data) : 0);
}

/** Compares every tensor of `expected`. */
export function differenceOf(actual: Tensors, expected: Tensors): Difference {
  const errors = [...expected].map(([name, { data }]) => {
    const found = actual.get(name);
    if (!found) return { name, error: Number.NaN };
    return { name, error: largestDifference(found.data, data) / (scaleOf(name, expected) || 1) };
  });
  // NaN is beyond every tolerance.
  const wrong = errors.filter(({ name, error }) => !(error <= toleranceOf(name)));
  const share = ({ name, error }: { name: string; error: number }): number =>
    Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / toleranceOf(name);
  const worst = errors.reduce((a, b) => (share(b) > share(a) ? b : a));
  return {
    worst: worst.name,
    error: worst.error,
    wrong: wrong.map(({ name }) => name),
    tensors: errors.length,
  };
}
