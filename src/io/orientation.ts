/** Which way the voxel axes point, and reordering them without resampling. Source: nibabel.orientations. */
import { FormatError } from '../errors.ts';
import { nearestRotation, spacingOf } from './affine.ts';
import { type Affine, type Volume, type VolumeShape, volume, voxelsLike } from './volume.ts';

/** Per voxel axis: the anatomical axis (0 LR, 1 PA, 2 IS) it follows most, and in which direction. */
export type Orientation = readonly {
  readonly axis: 0 | 1 | 2;
  readonly sign: 1 | -1;
}[];

const CODES = ['LR', 'PA', 'IS'] as const;

/**
 * Closest anatomical axis of each voxel axis (nibabel's io_orientation): the largest entry of each
 * column of the nearest rotation, an axis once taken being out of the running for later columns.
 * Throws FormatError for an affine whose axes do not span space.
 */
export function orientationOf(affine: Affine): Orientation {
  const rotation = nearestRotation(affine);
  const free = new Set<0 | 1 | 2>([0, 1, 2]);
  return [0, 1, 2].map((column) => {
    let best: 0 | 1 | 2 | undefined;
    for (const row of free) {
      const size = Math.abs(rotation[3 * row + column]!);
      if (best === undefined || size > Math.abs(rotation[3 * best + column]!)) best = row;
    }
    free.delete(best!);
    return { axis: best!, sign: rotation[3 * best! + column]! < 0 ? -1 : 1 };
  });
}

/** Three letters, where each voxel axis points: `RAS` for canonical. */
export function axisCodes(affine: Affine): string {
  return orientationOf(affine)
    .map(({ axis, sign }) => CODES[axis][sign < 0 ? 0 : 1]!)
    .join('');
}

/** The orientation that a code such as `LPS` names. Throws FormatError unless it is one of the 48. */
export function parseAxisCodes(code: string): Orientation {
  const letters = [...code.toUpperCase()];
  const parsed = letters.map((letter) => {
    const axis = CODES.findIndex((pair) => pair.includes(letter)) as 0 | 1 | 2;
    return { axis, sign: CODES[axis]?.[0] === letter ? (-1 as const) : (1 as const) };
  });
  if (
    letters.length !== 3 ||
    new Set(parsed.map(({ axis }) => axis).filter((a) => a >= 0)).size !== 3
  ) {
    throw new FormatError(
      `parseAxisCodes: not an orientation. Got '${code}'. Pass three letters, one each of LR, PA and IS.`,
    );
  }
  return parsed;
}

/**
 * The volume with its axes nearest to R, A, S: permuted and flipped, no voxel changed, every voxel
 * at the same millimetres (TorchIO ToCanonical, nibabel as_closest_canonical). The same object if
 * it already is.
 */
export function toCanonical(v: Volume): Volume {
  return toOrientation(v, 'RAS');
}

/**
 * Size in voxels and spacing in mm that a volume has after `toCanonical`; oblique axes count as the
 * anatomical axis they are nearest to. Throws FormatError as `orientationOf`.
 */
export function canonicalGrid({ shape, affine }: Omit<Volume, 'data'>): {
  size: [number, number, number];
  spacing: [number, number, number];
} {
  const stored = spacingOf(affine);
  const size: [number, number, number] = [1, 1, 1];
  const spacing: [number, number, number] = [1, 1, 1];
  orientationOf(affine).forEach(({ axis }, from) => {
    size[axis] = shape[from + 1]!;
    spacing[axis] = stored[from]!;
  });
  return { size, spacing };
}

/** As `toCanonical`, for any of the 48 codes (TorchIO ToOrientation). */
export function toOrientation(v: Volume, code: string): Volume {
  const target = parseAxisCodes(code);
  const source = orientationOf(v.affine);
  const from = target.map(({ axis }) => source.findIndex((other) => other.axis === axis));
  const flip = target.map(({ sign }, n) => source[from[n]!]!.sign !== sign);
  if (from.every((axis, n) => axis === n) && !flip.includes(true)) return v;
  return permuteAndFlip(v, from, flip);
}

/** Output axis n is input axis `from[n]`, reversed where `flip[n]`. */
function permuteAndFlip(v: Volume, from: readonly number[], flip: readonly boolean[]): Volume {
  const [channels, ...sizes] = v.shape;
  const strides = [sizes[1]! * sizes[2]!, sizes[2]!, 1];
  const [sizeI, sizeJ, sizeK] = from.map((axis) => sizes[axis]!) as [number, number, number];
  const [stepI, stepJ, stepK] = from.map((axis, n) => strides[axis]! * (flip[n] ? -1 : 1)) as [
    number,
    number,
    number,
  ];
  const start = from.reduce(
    (sum, axis, n) => sum + (flip[n] ? strides[axis]! * (sizes[axis]! - 1) : 0),
    0,
  );
  const data = voxelsLike(v.data, v.data.length);
  let out = 0;
  for (let c = 0; c < channels; c++) {
    const base = c * sizeI * sizeJ * sizeK + start;
    for (let i = 0; i < sizeI; i++) {
      for (let j = 0; j < sizeJ; j++) {
        let at = base + i * stepI + j * stepJ;
        for (let k = 0; k < sizeK; k++, at += stepK) data[out++] = v.data[at]!;
      }
    }
  }
  const shape: VolumeShape = [channels, sizeI, sizeJ, sizeK];
  return volume(data, shape, reorderedAffine(v.affine, sizes, from, flip));
}

function reorderedAffine(
  affine: Affine,
  sizes: readonly number[],
  from: readonly number[],
  flip: readonly boolean[],
): Affine {
  const result = [...affine];
  for (let row = 0; row < 3; row++) {
    let origin = affine[4 * row + 3]!;
    from.forEach((axis, n) => {
      const step = affine[4 * row + axis]!;
      // 0 - x rather than -x: no negative zeros.
      result[4 * row + n] = flip[n] ? 0 - step : step;
      if (flip[n]) origin += step * (sizes[axis]! - 1);
    });
    result[4 * row + 3] = origin;
  }
  return result;
}
