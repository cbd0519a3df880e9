import { resample } from '../../io/resample.ts';
import { type Triple, toTriple } from '../../shape.ts';
import type { Subject } from '../subject.ts';
import { mapVolumes } from './map_volumes.ts';
import type { Transform } from './transform.ts';

export { resample } from '../../io/resample.ts';

/**
 * Voxels of `spacing` mm, one number or one per axis: images linear, label maps nearest
 * (TorchIO Resample). Throws FormatError for spacings that are not positive.
 */
export function resampleTransform({
  spacing,
}: {
  readonly spacing: number | readonly number[];
}): Transform {
  const target: Triple = toTriple(spacing, 'Resample spacing');
  return {
    name: 'Resample',
    params: { spacing: target },
    apply: (subject: Subject) =>
      mapVolumes(subject, (volume, interpolation) => resample(volume, target, interpolation)),
  };
}
