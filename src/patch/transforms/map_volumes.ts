import type { Interpolation } from '../../io/resample.ts';
import type { Volume } from '../../io/volume.ts';
import type { Subject } from '../subject.ts';

/** `change` of the image, and of the label map with `nearest` where it interpolates. */
export function mapVolumes(
  subject: Subject,
  change: (volume: Volume, interpolation: Interpolation) => Volume,
): Subject {
  const image = change(subject.image, 'linear');
  if (subject.label === undefined) return { ...subject, image };
  return { ...subject, image, label: change(subject.label, 'nearest') };
}
