import { ShapeError } from '../errors.ts';
import { axisCodes, toOrientation } from '../io/orientation.ts';
import type { Interpolation } from '../io/resample.ts';
import { spatialShape, type Volume, volume } from '../io/volume.ts';
import { sameShape, showShape } from '../shape.ts';
import type { Grid, Preprocessed } from './preprocessing.ts';
import { crop } from './transforms/crop_or_pad.ts';
import { toBounds } from './transforms/pad.ts';
import { resize } from './transforms/resize.ts';

/**
 * A result on the padded grid, brought back to the grid of the scan: padding cropped, resized,
 * reoriented; with the scan's own affine.
 *
 * @param original grid of the scan as it was read
 * @throws ShapeError if the way back does not end at the scan's size
 * Differs from fastMONAI: the padding is cropped before the resize. There, a padded label map is
 *   squeezed into the scan's size.
 */
export function toOriginalGrid(
  result: Volume,
  { reordered, unpadded, padStart }: Omit<Preprocessed, 'subject'>,
  original: Grid,
  interpolation: Interpolation,
): Volume {
  const size = spatialShape(result);
  const bounds = unpadded.shape.flatMap((inside, axis) => {
    const before = padStart[axis]!;
    return [before, size[axis]! - inside - before];
  });
  const cropped = crop(result, toBounds(bounds, 'toOriginalGrid'));
  const placed = volume(cropped.data, cropped.shape, unpadded.affine);
  const resized = sameShape(unpadded.shape, reordered.shape)
    ? placed
    : resize(placed, reordered.shape, interpolation);
  const onGrid = volume(resized.data, resized.shape, reordered.affine);
  const { data, shape } = toOrientation(onGrid, axisCodes(original.affine));
  if (!sameShape(shape.slice(1), original.shape)) {
    throw new ShapeError(
      `toOriginalGrid: the result does not fit the scan. Got ${showShape(shape.slice(1))} for ${showShape(original.shape)} [I,J,K] with the affine ${showShape(original.affine)}. Check the scan's header.`,
    );
  }
  return volume(data, shape, original.affine);
}
