/** Gaussian smoothing. SciPy's gaussian_filter with mode 'reflect'. */

/**
 * One axis after the other, y = sum of w(d) x at distance d / sum of w, w(d) = w(1)^(d^2), up to a
 * radius. Beyond the border x is mirrored, its last voxel repeated.
 *
 * @param x [N, C, D, H, W]
 * @param kernels [N, 3, 2]: of each axis radius and w(1)
 */
export function blurForward(
  x: Float32Array,
  [, C, D, H, W]: readonly number[],
  kernels: ArrayLike<number>,
): Float32Array {
  const sizes = [D!, H!, W!];
  const strides = [H! * W!, W!, 1];
  return [0, 1, 2].reduce((from, axis) => {
    const [size, stride] = [sizes[axis]!, strides[axis]!];
    return from.map((_, n) => {
      const at = 2 * (3 * Math.floor(n / (C! * D! * H! * W!)) + axis);
      const radius = kernels[at]!;
      const place = Math.floor(n / stride) % size;
      let sum = 0;
      let total = 0;
      for (let distance = -radius; distance <= radius; distance++) {
        const weight = kernels[at + 1]! ** (distance * distance);
        const period = 2 * size;
        const folded = (((place + distance) % period) + period) % period;
        const source = folded < size ? folded : period - 1 - folded;
        sum += weight * from[n + (source - place) * stride]!;
        total += weight;
      }
      return sum / total;
    });
  }, x);
}
