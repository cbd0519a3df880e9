/** Launcher of moved volumes; the meaning is in `reference/affine.ts`. */
import { rowShares } from '../gpu/row_shares.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { checkShape, volumeBatchSizes } from '../shape.ts';

/**
 * Image and labels of every sample moved by the sample's own map; images are linear between voxels,
 * labels those of the nearest voxel.
 *
 * @param x images as f32 [N, C, D, H, W]
 * @param labels as u32 [N, 1, D, H, W]
 * @param motions per sample the 3x4 matrix that takes a voxel of the result to where it comes from,
 *   in voxels; identities copy
 * @param outside value of images where that is half a voxel or more beyond x; labels are 0 there
 * @returns like x and labels, owned by `scope`
 * @throws ShapeError for other shapes
 * @see TorchIO Affine(image_interpolation='linear', label_interpolation='nearest')
 */
export function affineForward(
  scope: Scope,
  x: Tensor,
  labels: Tensor,
  motions: Tensor,
  outside: number,
): { readonly y: Tensor; readonly moved: Tensor } {
  const { samples, channels, size } = volumeBatchSizes('affineForward', x.shape);
  checkShape('affineForward', 'labels', labels.shape, [samples, 1, ...size]);
  checkShape('affineForward', 'motions', motions.shape, [samples, 3, 4]);
  const [size_i, size_j, size_k] = size;
  const threads = rowShares(samples * size_i * size_j, size_k);
  const y = scope.tensor(x.shape, 'affineForward.y');
  const moved = scope.tensor(labels.shape, 'affineForward.moved', 'u32');
  scope.dispatch(wgsl.affineForward, {
    params: { threads, channels, size_i, size_j, size_k, outside },
    buffers: { x, labels, motions, y, moved },
    threads,
  });
  return { y, moved };
}
