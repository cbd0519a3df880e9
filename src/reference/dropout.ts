/** Dropout with inverted scaling. Srivastava et al. 2014. */
import { threefry2x32 } from '../rng.ts';

/**
 * y = x / (1 - p) where u >= p, 0 elsewhere; u of element n is the upper 24 bits of
 * Threefry(key, (0, n)). The gradient is the same function of dy.
 */
export function dropoutForward(
  x: Float32Array,
  p: number,
  key: readonly [number, number],
): Float32Array {
  const threshold = Math.fround(p);
  return x.map((value, n) => {
    const u = (threefry2x32(key, [0, n])[0] >>> 8) / 2 ** 24;
    return u >= threshold ? value / (1 - p) : 0;
  });
}
