import { fromSpacing, spacingOf } from '../io/affine.ts';
import { orientationOf } from '../io/orientation.ts';
import { resampledGrid } from '../io/resample.ts';
import type { Triple } from '../shape.ts';
import { type Grid, isTargetSpacing, type Preprocessing } from './preprocessing.ts';

/** Transforms after which a volume has another size. */
const RESIZING = ['CropOrPad', 'Pad', 'Resample', 'Resize', 'ToCanonical'];

/**
 * Voxels that a scan will have after `preprocess`, known from its header.
 *
 * @param grid of the scan as its file says
 * @returns undefined where a transform of the preprocessing changes sizes in its own way
 */
export function preparedShape(
  grid: Grid,
  { applyReorder, targetSpacing, transforms, minimumSize }: Preprocessing,
): Triple | undefined {
  if (transforms.some(({ name }) => RESIZING.includes(name))) return undefined;
  const shape: [number, number, number] = [...grid.shape];
  const spacing = [...spacingOf(grid.affine)] as [number, number, number];
  if (applyReorder) {
    orientationOf(grid.affine).forEach(({ axis }, from) => {
      shape[axis] = grid.shape[from]!;
      spacing[axis] = spacingOf(grid.affine)[from]!;
    });
  }
  const resampled =
    targetSpacing && !isTargetSpacing(spacing, targetSpacing)
      ? resampledGrid(shape, fromSpacing(spacing), targetSpacing).shape
      : shape;
  return resampled.map((size, axis) =>
    Math.max(size, minimumSize?.[axis] ?? 0),
  ) as unknown as Triple;
}
