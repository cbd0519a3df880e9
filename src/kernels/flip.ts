/** Flip launcher; the meaning is in `reference/flip.ts`. */
import { rowShares } from '../gpu/row_shares.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { checkShape, volumeBatchSizes } from '../shape.ts';

/**
 * Every sample mirrored along axes of its own.
 *
 * @param x [N, C, D, H, W] of f32 or u32, overwritten; its owner stays the same
 * @param axes as u32 [N]: bit 0 mirrors D, bit 1 H, bit 2 W
 * @throws ShapeError for other shapes or types
 * @see TorchIO Flip(axes)
 */
export function flipInPlace(scope: Scope, x: Tensor, axes: Tensor): void {
  const { samples, channels, size } = volumeBatchSizes('flipInPlace', x.shape);
  checkShape('flipInPlace', 'axes', axes.shape, [samples]);
  const [size_i, size_j, size_k] = size;
  const threads = rowShares(samples * size_i * size_j, size_k);
  scope.dispatch(x.dtype === 'u32' ? wgsl.flipInPlaceLabels : wgsl.flipInPlace, {
    params: { threads, channels, size_i, size_j, size_k },
    buffers: { axes, x },
    threads,
  });
}
