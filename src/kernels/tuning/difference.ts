/** Whether two kernels computed the same. */
import type { ScalarType } from '../../gpu/shader.ts';

/** Half of the distance from 1 to the next number of the type. */
const ROUNDING = { f32: 2 ** -24, f16: 2 ** -11 };

/**
 * What is allowed between two sums of the same `terms` products in different orders, as a part of
 * the largest value: rounding errors grow with the square root of their number, and four times that
 * is far above what ever occurred and far below what a wrong index gives.
 *
 * @param stored how the result is stored; sums are f32
 */
export function toleranceOf(terms: number, stored: ScalarType): number {
  const storing = stored === 'f16' ? 2 * ROUNDING.f16 : 0;
  return 4 * ROUNDING.f32 * Math.sqrt(terms) + storing;
}

/** Largest difference over the largest expected value; NaN if a value is or is missing. */
export function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 0;
  let worst = 0;
  for (let n = 0; n < expected.length; n++) {
    largest = Math.max(largest, Math.abs(expected[n]!));
    // NaN stays NaN: Math.max passes it on.
    worst = Math.max(worst, Math.abs(actual[n]! - expected[n]!));
  }
  return largest > 0 ? worst / largest : worst;
}

/** What is wrong with `actual`, as a part of a sentence, or undefined. */
export function faultOf(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): string | undefined {
  const worst = worstDifference(actual, expected);
  if (worst <= tolerance) return undefined;
  return `off by ${worst.toExponential(1)} of the largest value, allowed is ${tolerance.toExponential(1)}`;
}
