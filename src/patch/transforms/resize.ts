import { spacingOf } from '../../io/affine.ts';
import { type Interpolation, resample } from '../../io/resample.ts';
import { spatialShape, type Volume } from '../../io/volume.ts';
import { sameShape, type Triple, toTriple } from '../../shape.ts';
import type { Subject } from '../subject.ts';
import { checkSize, cropOrPad } from './crop_or_pad.ts';
import { mapVolumes } from './map_volumes.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/**
 * Exactly `shape` voxels over the same extent: `resample` to shape_in / shape_out * spacing, and
 * where rounding makes that one voxel off, `cropOrPad` with zeros (TorchIO Resize).
 * Throws ShapeError unless every size is a positive integer.
 */
export function resize(v: Volume, shape: Triple, interpolation: Interpolation): Volume {
  const from = spatialShape(v);
  const spacing = spacingOf(v.affine).map((size, axis) => (from[axis]! / shape[axis]!) * size);
  const resampled = resample(v, spacing as unknown as Triple, interpolation);
  return sameShape(spatialShape(resampled), shape) ? resampled : cropOrPad(resampled, shape);
}

/**
 * `resize` of image (linear) and label map (nearest); one number means all axes.
 *
 * @throws ConfigError for what are no numbers, ShapeError for what is no size
 */
export function resizeTransform({
  targetShape,
}: {
  readonly targetShape: number | readonly number[];
}): Transform {
  numbersOf(targetShape, 'Resize targetShape', [1, 3]);
  const target: Triple = toTriple(targetShape, 'Resize targetShape');
  checkSize('Resize', target);
  return {
    name: 'Resize',
    params: { targetShape: target },
    apply: (subject: Subject) =>
      mapVolumes(subject, (volume, interpolation) => resize(volume, target, interpolation)),
  };
}
