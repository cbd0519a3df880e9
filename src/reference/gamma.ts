/** Values to a power. */

/**
 * y = sign(x) |x|^exponents[n,c]: TorchIO's x^exponent in a channel without negative values, too.
 *
 * @param x [N, C, ...]
 * @param voxels of a channel
 */
export function gammaInPlace(
  x: Float32Array,
  voxels: number,
  exponents: ArrayLike<number>,
): Float32Array {
  return x.map(
    (value, n) => Math.sign(value) * Math.abs(value) ** exponents[Math.floor(n / voxels)]!,
  );
}
