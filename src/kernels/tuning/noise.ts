/** Inputs for trying kernels: random, the same every time, and made fast. */
import { Rng } from '../../rng.ts';

/** A prime, so that no two rows or channels of a tensor are alike. */
const PERIOD = 65_537;

/**
 * Values in -1..-1/8 and 1/8..1, repeated after a prime number of them. None is near 0, where a
 * rounding difference decides which side of an activation's kink a value is on.
 */
export function noise(length: number, seed: number): Float32Array {
  const rng = Rng.seed(seed);
  const period = Float32Array.from({ length: Math.min(length, PERIOD) }, () => {
    const value = rng.uniform() * 2 - 1;
    return Math.sign(value) * (0.125 + 0.875 * Math.abs(value));
  });
  const values = new Float32Array(length);
  for (let at = 0; at < length; at += PERIOD) {
    values.set(period.subarray(0, Math.min(PERIOD, length - at)), at);
  }
  return values;
}
