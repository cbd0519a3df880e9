/** Bias field launcher; the meaning is in `reference/bias_field.ts`. */
import { rowShares } from '../gpu/row_shares.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { checkShape, volumeBatchSizes } from '../shape.ts';

/**
 * Every sample times e to the power of a polynomial of its own. Coefficients of 0 change nothing.
 *
 * @param x images as f32 [N, C, D, H, W], overwritten; its owner stays the same
 * @param coefficients [N, (order + 1)(order + 2)(order + 3) / 6], in the order of loops over the
 *   powers of D, H and W whose sum is no more than `order`
 * @throws ShapeError for other shapes
 * @see TorchIO BiasField(coefficients, order)
 */
export function biasFieldInPlace(
  scope: Scope,
  x: Tensor,
  coefficients: Tensor,
  order: number,
): void {
  const { samples, channels, size } = volumeBatchSizes('biasFieldInPlace', x.shape);
  const terms = ((order + 1) * (order + 2) * (order + 3)) / 6;
  checkShape('biasFieldInPlace', 'coefficients', coefficients.shape, [samples, terms]);
  const [size_i, size_j, size_k] = size;
  const threads = rowShares(samples * size_i * size_j, size_k);
  scope.dispatch(wgsl.biasFieldInPlace, {
    params: { threads, channels, size_i, size_j, size_k, order, coefficients: terms },
    buffers: { coefficients, x },
    threads,
  });
}
