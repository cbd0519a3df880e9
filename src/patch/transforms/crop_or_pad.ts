import { ShapeError } from '../../errors.ts';
import { startAt } from '../../io/affine.ts';
import { spatialShape, type Volume, volume, voxelsLike } from '../../io/volume.ts';
import { product, showShape, type Triple, toTriple } from '../../shape.ts';
import type { Subject } from '../subject.ts';
import { mapVolumes } from './map_volumes.ts';
import { type Bounds, type PaddingMode, pad, toBounds } from './pad.ts';
import { checkPaddingMode } from './padding_mode.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/**
 * The volume without `bounds` voxels on every side; the origin moves by +lo voxels (TorchIO Crop).
 * Throws ShapeError when nothing would remain.
 */
export function crop(v: Volume, bounds: Bounds): Volume {
  const [lo0, hi0, lo1, hi1, lo2, hi2] = toBounds(bounds, 'crop bounds');
  if (lo0 + hi0 + lo1 + hi1 + lo2 + hi2 === 0) return v;
  const [channels, sizeI, sizeJ, sizeK] = v.shape;
  const shape: Triple = [sizeI - lo0 - hi0, sizeJ - lo1 - hi1, sizeK - lo2 - hi2];
  if (!shape.every((size) => size > 0)) {
    throw new ShapeError(
      `crop: nothing would remain. ${showShape(spatialShape(v))} without ${showShape(bounds)}. Crop less.`,
    );
  }
  const data = voxelsLike(v.data, channels * product(shape));
  let out = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < shape[0]; i++) {
      for (let j = 0; j < shape[1]; j++) {
        const row = ((c * sizeI + i + lo0) * sizeJ + j + lo1) * sizeK + lo2;
        data.set(v.data.subarray(row, row + shape[2]), out);
        out += shape[2];
      }
    }
  }
  return volume(data, [channels, ...shape], startAt(v.affine, [lo0, lo1, lo2]));
}

/** What `cropOrPad` takes away and adds; the odd voxel of a difference goes to the start. */
export function cropOrPadBounds(
  size: Triple,
  target: Triple,
): { padding: Bounds; cropping: Bounds } {
  const split = (missing: number) => [Math.ceil(missing / 2), Math.floor(missing / 2)];
  const bounds = (sign: 1 | -1) =>
    size.flatMap((n, axis) => split(Math.max(0, sign * (target[axis]! - n)))) as unknown as Bounds;
  return { padding: bounds(1), cropping: bounds(-1) };
}

/** @throws ShapeError naming `caller` unless every size is a positive whole number */
export function checkSize(caller: string, target: Triple): void {
  if (target.every((size) => Number.isSafeInteger(size) && size > 0)) return;
  throw new ShapeError(
    `${caller}: every size must be a positive whole number. Got ${showShape(target)}. Pass [I,J,K].`,
  );
}

/**
 * The volume cropped and padded about its centre to exactly `target` voxels, first padded, then
 * cropped (TorchIO CropOrPad). Throws ShapeError unless every size is a positive integer.
 */
export function cropOrPad(v: Volume, target: Triple, mode: PaddingMode = 0): Volume {
  checkSize('cropOrPad', target);
  const { padding, cropping } = cropOrPadBounds(spatialShape(v), target);
  return crop(pad(v, padding, mode), cropping);
}

/**
 * `cropOrPad` of image and label map; one number means all axes.
 *
 * @throws ConfigError for what are no numbers, and an unknown mode; ShapeError for what is no size
 */
export function cropOrPadTransform({
  targetShape,
  paddingMode = 0,
}: {
  readonly targetShape: number | readonly number[];
  readonly paddingMode?: PaddingMode;
}): Transform {
  numbersOf(targetShape, 'CropOrPad targetShape', [1, 3]);
  const target: Triple = toTriple(targetShape, 'CropOrPad targetShape');
  checkSize('CropOrPad', target);
  checkPaddingMode(paddingMode);
  return {
    name: 'CropOrPad',
    params: { targetShape: target, paddingMode },
    apply: (subject: Subject) => mapVolumes(subject, (v) => cropOrPad(v, target, paddingMode)),
  };
}
