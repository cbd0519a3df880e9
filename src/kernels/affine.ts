/** Launchers of moved volumes; the meaning is in `reference/affine.ts`. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { checkShape, volumeBatchSizes } from '../shape.ts';

function layout(caller: string, x: Tensor, motions: Tensor) {
  const { samples, channels, size, voxels } = volumeBatchSizes(caller, x.shape);
  checkShape(caller, 'motions', motions.shape, [samples, 3, 4]);
  const [size_i, size_j, size_k] = size;
  return { count: samples * voxels, channels, size_i, size_j, size_k };
}

/**
 * Every sample moved by its own map, linear between voxels.
 *
 * @param x images as f32 [N, C, D, H, W]
 * @param motions per sample the 3x4 matrix that takes a voxel of y to the position in x, in voxels
 * @param outside value of positions half a voxel or more beyond x
 * @returns y like x, owned by `scope`
 * @throws ShapeError for other shapes
 * @see TorchIO Affine(image_interpolation='linear')
 */
export function affineImage(scope: Scope, x: Tensor, motions: Tensor, outside: number): Tensor {
  const sizes = layout('affineImage', x, motions);
  const y = scope.tensor(x.shape, 'affineImage.y');
  scope.dispatch(wgsl.affineImage, {
    params: { ...sizes, outside },
    buffers: { x, motions, y },
    threads: sizes.count,
  });
  return y;
}

/**
 * The same with the nearest voxel's value, and 0 outside.
 *
 * @param x labels as u32 [N, C, D, H, W]
 * @returns y like x, owned by `scope`
 * @throws ShapeError for other shapes
 * @see TorchIO Affine(label_interpolation='nearest')
 */
export function affineLabels(scope: Scope, x: Tensor, motions: Tensor): Tensor {
  const params = layout('affineLabels', x, motions);
  const y = scope.tensor(x.shape, 'affineLabels.y', 'u32');
  scope.dispatch(wgsl.affineLabels, { params, buffers: { x, motions, y }, threads: params.count });
  return y;
}
