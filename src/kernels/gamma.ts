/** Gamma launcher; the meaning is in `reference/gamma.ts`. */
import { stepOf } from '../gpu/row_shares.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { checkShape, volumeBatchSizes } from '../shape.ts';

/**
 * Every channel of every sample to a power of its own, the sign kept. 1 changes nothing.
 *
 * @param x images as f32 [N, C, D, H, W], overwritten; its owner stays the same
 * @param exponents [N, C], above 0
 * @throws ShapeError for other shapes
 * @see TorchIO Gamma(gamma)
 */
export function gammaInPlace(scope: Scope, x: Tensor, exponents: Tensor): void {
  const { samples, channels, voxels } = volumeBatchSizes('gammaInPlace', x.shape);
  checkShape('gammaInPlace', 'exponents', exponents.shape, [samples, channels]);
  const share = stepOf(voxels);
  const threads = samples * channels * share;
  scope.dispatch(wgsl.gammaInPlace, {
    params: { threads, share, voxels },
    buffers: { exponents, x },
    threads,
  });
}
