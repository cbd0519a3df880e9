/** Reading a volume at other positions. Source: TorchIO's Resample and ITK's ResampleImageFilter. */
import { FormatError, ShapeError } from '../errors.ts';
import { product, showShape, type Triple } from '../shape.ts';
import {
  applyAffine,
  directionOf,
  fromParts,
  invertAffine,
  multiplyAffine,
  spacingOf,
} from './affine.ts';
import { sampleAnywhere } from './sample_anywhere.ts';
import { axisSamples, type Interpolation, sampleAlongAxes } from './sample_axes.ts';
import { type Affine, spatialShape, type Volume, volume } from './volume.ts';

export type { Interpolation } from './sample_axes.ts';

/** Relative difference below which two spacings are the same: NumPy's allclose. */
const SAME_SPACING = 1e-5;

/** Per channel, 8 GiB: far beyond scans, within what one array may hold. */
const MOST_VOXELS = 2 ** 31;

/**
 * Size and affine of the grid that TorchIO resamples to: floor(size * old / new) voxels per axis,
 * the centre of the volume kept; an axis of one voxel keeps its one voxel.
 * Differs from TorchIO: an axis whose spacing agrees to a relative 1e-5 keeps its size. NIfTI-1
 * stores float32, and 0.9 mm read back as 0.89999998 would otherwise lose a slice.
 */
export function resampledGrid(
  shape: Triple,
  affine: Affine,
  spacing: Triple,
): { shape: [number, number, number]; affine: Affine } {
  if (!spacing.every((size) => size > 0 && Number.isFinite(size))) {
    throw new FormatError(
      `resample: spacing must be positive. Got [${spacing}] mm. Pass millimetres per voxel.`,
    );
  }
  const old = spacingOf(affine);
  const size = shape.map((n, axis) => {
    const from = old[axis]!;
    const to = spacing[axis]!;
    if (n === 1 || Math.abs(from - to) <= SAME_SPACING * to) return n;
    return Math.max(1, Math.floor((n * from) / to));
  }) as [number, number, number];
  if (product(size) > MOST_VOXELS) {
    throw new ShapeError(
      `resample: the result is too large. ${showShape(shape)} voxels of [${old}] mm would become ${showShape(size)} of [${spacing}] mm. Choose a coarser spacing, or correct the header.`,
    );
  }
  const direction = directionOf(affine);
  const centre = applyAffine(affine, [(shape[0] - 1) / 2, (shape[1] - 1) / 2, (shape[2] - 1) / 2]);
  const origin = centre.map((middle, row) =>
    size.reduce(
      (sum, n, axis) => sum - direction[3 * row + axis]! * ((n - 1) / 2) * spacing[axis]!,
      middle,
    ),
  ) as [number, number, number];
  return { shape: size, affine: fromParts(direction, spacing, origin) };
}

/**
 * The volume with voxels of `spacing` mm, same directions and centre (TorchIO Resample).
 * `linear` for images, `nearest` for label maps; no anti-aliasing. It also runs at equal spacing.
 * Throws FormatError for spacings that are not positive.
 */
export function resample(v: Volume, spacing: Triple, interpolation: Interpolation): Volume {
  const size = spatialShape(v);
  const grid = resampledGrid(size, v.affine, spacing);
  const old = spacingOf(v.affine);
  // Per axis and about the centre, so that no direction cosine rounds a half-way tie away.
  const axes = size.map((n, axis) => {
    const count = grid.shape[axis]!;
    const ratio = spacing[axis]! / old[axis]!;
    return axisSamples(
      n,
      count,
      (out) => (n - 1) / 2 + (out - (count - 1) / 2) * ratio,
      interpolation,
    );
  });
  const data = sampleAlongAxes(v, axes as [Axis, Axis, Axis], interpolation);
  return volume(data, [v.shape[0], ...grid.shape], grid.affine);
}

type Axis = ReturnType<typeof axisSamples>;

/**
 * The volume on any other grid: where that grid's voxels lie in millimetres, this volume's values;
 * 0 outside it. ITK's rules: a position is inside from -0.5 to size - 0.5, neighbours beyond the
 * border are the border. Throws FormatError when the volume's affine cannot be inverted.
 */
export function resampleToGrid(
  v: Volume,
  affine: Affine,
  shape: Triple,
  interpolation: Interpolation,
): Volume {
  if (!shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new FormatError(
      `resampleToGrid: every size must be positive. Got ${showShape(shape)}. Pass [I,J,K].`,
    );
  }
  const toIndex = multiplyAffine(invertAffine(v.affine), affine);
  const size = spatialShape(v);
  let data: Volume['data'];
  if (isAxisAligned(toIndex, shape)) {
    const axes = size.map((n, axis) =>
      axisSamples(
        n,
        shape[axis]!,
        (out) => snap(toIndex[5 * axis]! * out + toIndex[4 * axis + 3]!),
        interpolation,
      ),
    );
    data = sampleAlongAxes(v, axes as [Axis, Axis, Axis], interpolation);
  } else {
    data = sampleAnywhere(v, toIndex, shape, interpolation);
  }
  return volume(data, [v.shape[0], ...shape], affine);
}

/** Whether other axes move an index by less than a millionth of a voxel over the whole grid. */
function isAxisAligned(toIndex: Affine, shape: Triple): boolean {
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      if (row !== column && Math.abs(toIndex[4 * row + column]!) * shape[column]! > 1e-6)
        return false;
    }
  }
  return true;
}

/** Rounding of two affines must not push the last voxel of an equal grid over the border. */
function snap(index: number): number {
  const twice = Math.round(2 * index);
  return Math.abs(2 * index - twice) < 1e-9 ? twice / 2 : index;
}
