/**
 * A scan in memory. This is the one place that fixes the axes of the whole project:
 * `data` is `[C, I, J, K]` with k fastest; kernels see the same bytes as `[C, D, H, W]`.
 */
import { ShapeError } from '../errors.ts';
import { product, showShape } from '../shape.ts';

/** 4x4, row-major, voxel index (i, j, k, 1) to RAS+ millimetres. */
export type Affine = readonly number[];

/** Float64 only where float32 cannot hold the stored values. */
export type VoxelArray = Float32Array | Float64Array;

export type VolumeShape = readonly [channels: number, i: number, j: number, k: number];

export interface Volume {
  readonly data: VoxelArray;
  readonly shape: VolumeShape;
  readonly affine: Affine;
}

/** A volume whose data length has been checked against its shape. `data` is not copied. */
export function volume(data: VoxelArray, shape: readonly number[], affine: Affine): Volume {
  if (shape.length !== 4 || product(shape) !== data.length) {
    throw new ShapeError(
      `volume: data does not fill the shape. Got ${data.length} values for ${showShape(shape)} [C,I,J,K]. Pass one value per voxel and channel.`,
    );
  }
  return { data, shape: [shape[0]!, shape[1]!, shape[2]!, shape[3]!], affine };
}

/**
 * Zeros for `count` voxels in the kind of array that `data` is.
 *
 * @throws ShapeError where no array can be that long, which damaged spacings and sizes ask for
 */
export function voxelsLike(data: VoxelArray, count: number): VoxelArray {
  const Voxels = data instanceof Float64Array ? Float64Array : Float32Array;
  try {
    return new Voxels(count);
  } catch (error) {
    throw new ShapeError(
      `voxelsLike: the volume is too large. It would have ${count} voxels, channels included. Check sizes and spacing, or choose a smaller patch.`,
      { cause: error },
    );
  }
}

/** `[I, J, K]` of a volume. */
export function spatialShape(v: Volume): [number, number, number] {
  return [v.shape[1], v.shape[2], v.shape[3]];
}
