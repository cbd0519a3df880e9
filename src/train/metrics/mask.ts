import { ShapeError } from '../../errors.ts';
import { product, showShape, type Triple } from '../../shape.ts';

/** One byte per voxel, C order of `[I,J,K]`: 1 inside, 0 outside. */
export type Mask = Uint8Array;

/**
 * Where a label map equals `label`, or, without one, where it is above 0.
 *
 * @param labels class indices, any length
 */
export function maskOf(labels: ArrayLike<number>, label?: number): Mask {
  const mask = new Uint8Array(labels.length);
  if (label === undefined) {
    for (let n = 0; n < mask.length; n++) mask[n] = labels[n]! > 0 ? 1 : 0;
  } else {
    for (let n = 0; n < mask.length; n++) mask[n] = labels[n] === label ? 1 : 0;
  }
  return mask;
}

/** @throws ShapeError unless both masks have one value per voxel of the same grid */
export function checkMasks(caller: string, prediction: Mask, target: Mask, shape?: Triple): void {
  if (prediction.length !== target.length || (shape && product(shape) !== target.length)) {
    const grid = shape ? ` for ${showShape(shape)} [I,J,K]` : '';
    throw new ShapeError(
      `${caller}: prediction and target are not on the same grid. Got ${prediction.length} and ${target.length} voxels${grid}. Bring both to one grid first.`,
    );
  }
}
