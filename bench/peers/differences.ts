/** How far the results of two engines lie apart. */
import type { Tensors } from './tensor_file.ts';

/** Of the largest logit, after some twenty layers of single precision in another order. */
export const LOGIT_TOLERANCE = 1e-3;
/**
 * Of the norm of a parameter's gradient. Where rounding puts an activation on the other side of
 * PReLU's kink, a whole layer's gradients move: by up to 0.03 between engines that are all right.
 */
export const GRADIENT_TOLERANCE = 0.1;
/** Of the loss. */
export const LOSS_TOLERANCE = 1e-3;

export interface Difference {
  /** The tensor that differs most: `logits`, `loss`, or a parameter's name. */
  readonly worst: string;
  /**
   * Of the logits the largest difference over the largest value expected, of gradients the norm of
   * the difference over the norm. NaN counts as worst.
   */
  readonly error: number;
  /** Names of all tensors beyond the tolerance, or missing. */
  readonly wrong: readonly string[];
  /** How many were compared. */
  readonly tensors: number;
}

type Size = (values: Float32Array) => number;

const largest: Size = (values) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const norm: Size = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** NaN for other lengths. */
function sizeOfDifference(actual: Float32Array, expected: Float32Array, size: Size): number {
  if (actual.length !== expected.length) return Number.NaN;
  return size(actual.map((value, n) => value - expected[n]!));
}

const toleranceOf = (name: string): number => {
  if (name === 'logits') return LOGIT_TOLERANCE;
  return name === 'loss' ? LOSS_TOLERANCE : GRADIENT_TOLERANCE;
};

/** Of single numbers, such as the slope of a PReLU. */
function typicalNumber(expected: Tensors): number {
  const numbers = [...expected]
    .filter(([name, { data }]) => name.endsWith('.weight') && data.length === 1)
    .map(([, { data }]) => Math.abs(data[0]!))
    .sort((a, b) => a - b);
  return numbers[Math.floor(numbers.length / 2)] ?? 0;
}

/**
 * What a gradient's error is measured by, at least: in the sum that is a slope's gradient nearly all
 * may cancel, so it counts by the typical slope's. A bias before a norm has no gradient but noise: it
 * counts by its layer's weight.
 */
function leastScale(name: string, expected: Tensors, typical: number): number {
  if (expected.get(name)!.data.length === 1 && name.endsWith('.weight')) return typical;
  const weight = name.endsWith('.bias') && expected.get(name.replace(/bias$/, 'weight'));
  return weight ? norm(weight.data) : 0;
}

/** Compares every tensor of `expected`. */
export function differenceOf(actual: Tensors, expected: Tensors): Difference {
  const typical = typicalNumber(expected);
  const errors = [...expected].map(([name, { data }]) => {
    const size = name === 'logits' ? largest : norm;
    const found = actual.get(name)?.data ?? new Float32Array();
    const scale = Math.max(size(data), leastScale(name, expected, typical)) || 1;
    return { name, error: sizeOfDifference(found, data, size) / scale };
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
