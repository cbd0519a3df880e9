/** Initial weights, drawn as PyTorch's convolutions draw them. */
import type { Rng } from '../rng.ts';
import { product } from '../shape.ts';

/** Uniform in [-bound, bound). */
function uniform(rng: Rng, count: number, bound: number): Float32Array {
  return Float32Array.from({ length: count }, () => rng.range(-bound, bound));
}

/**
 * Weight and bias of a convolution, both uniform within 1 / sqrt(fan_in), where fan_in is
 * weight.shape[1] times the kernel's voxels. For a transposed convolution, whose weight is
 * [Cin, Cout, k, k, k], that is Cout * k^3.
 *
 * @param shape of the weight
 * @param biasCount 0 for none
 * @see PyTorch _ConvNd.reset_parameters: kaiming_uniform_(a = sqrt(5)) is this bound
 */
export function convolutionInit(
  rng: Rng,
  shape: readonly number[],
  biasCount: number,
): { weight: Float32Array; bias: Float32Array } {
  const bound = 1 / Math.sqrt(product(shape.slice(1)));
  return {
    weight: uniform(rng, product(shape), bound),
    bias: uniform(rng, biasCount, bound),
  };
}
