import { ConfigError } from '../../errors.ts';
import { resample } from '../../io/resample.ts';
import { showShape, type Triple, toTriple } from '../../shape.ts';
import type { Subject } from '../subject.ts';
import { mapVolumes } from './map_volumes.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

export { resample } from '../../io/resample.ts';

/**
 * Voxels of `spacing` mm, one number or one per axis: images linear, label maps nearest
 * (TorchIO Resample). Throws ConfigError unless they are numbers above 0.
 */
export function resampleTransform({
  spacing,
}: {
  readonly spacing: number | readonly number[];
}): Transform {
  numbersOf(spacing, 'Resample spacing', [1, 3]);
  const target: Triple = toTriple(spacing, 'Resample spacing');
  if (!target.every((size) => size > 0)) {
    throw new ConfigError(
      `Resample: spacing must be above 0. Got ${showShape(target)}. Pass millimetres per voxel.`,
    );
  }
  return {
    name: 'Resample',
    params: { spacing: target },
    apply: (subject: Subject) =>
      mapVolumes(subject, (volume, interpolation) => resample(volume, target, interpolation)),
  };
}
