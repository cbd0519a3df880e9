/** Gaussian noise. */
import { threefryNormal } from '../rng.ts';

/**
 * y = x + mean_n + std_n z, z of element e of sample n is `threefryNormal` of the sample's key and
 * the counter (0, e).
 *
 * @param x [N, ...], `sampleSize` elements per sample
 * @param moments [N, 2]: mean, std
 * @param keys [N, 2]
 */
export function noiseInPlace(
  x: Float32Array,
  sampleSize: number,
  moments: ArrayLike<number>,
  keys: ArrayLike<number>,
): Float32Array {
  return x.map((value, n) => {
    const sample = Math.floor(n / sampleSize);
    const key = [keys[2 * sample]!, keys[2 * sample + 1]!] as const;
    const z = threefryNormal(key, [0, n % sampleSize]);
    return value + moments[2 * sample]! + moments[2 * sample + 1]! * z;
  });
}
