/** Blur launcher; the meaning is in `reference/blur.ts`. */
import { rowShares, stepOf } from '../gpu/row_shares.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { checkShape, volumeBatchSizes } from '../shape.ts';

/**
 * Every sample smoothed by a Gaussian of its own, one axis after the other.
 *
 * @param x images as f32 [N, C, D, H, W]
 * @param kernels [N, 3, 2]: for D, H and W the radius in voxels, 0 leaves the axis alone, and the
 *   weight of a neighbour relative to that of the voxel itself, exp(-1 / 2 sigma^2)
 * @returns y like x, owned by `scope`
 * @throws ShapeError for other shapes
 * @see TorchIO Blur(std), scipy.ndimage.gaussian_filter
 */
export function blurForward(scope: Scope, x: Tensor, kernels: Tensor): Tensor {
  const { samples, size, voxels } = volumeBatchSizes('blurForward', x.shape);
  checkShape('blurForward', 'kernels', kernels.shape, [samples, 3, 2]);
  const strides = [voxels / size[0], size[2], 1];
  const along = (axis: number, from: Tensor, to: Tensor): void => {
    const length = size[axis]!;
    const threads = rowShares(x.size / length, length);
    scope.dispatch(wgsl.blurForward, {
      params: {
        threads,
        threads_per_sample: threads / samples,
        axis,
        size: length,
        stride: strides[axis]!,
        blocks: stepOf(length),
      },
      buffers: { x: from, kernels, y: to },
      threads,
    });
  };
  const y = scope.tensor(x.shape, 'blurForward.y');
  const scratch = scope.tensor(x.shape, 'blurForward.scratch');
  along(0, x, y);
  along(1, y, scratch);
  along(2, scratch, y);
  scope.release(scratch);
  return y;
}
