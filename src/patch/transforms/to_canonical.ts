import { toCanonical } from '../../io/orientation.ts';
import type { Subject } from '../subject.ts';
import { mapVolumes } from './map_volumes.ts';
import type { Transform } from './transform.ts';

/** Axes nearest to R, A, S, by permutation and flips only (TorchIO ToCanonical). */
export function toCanonicalTransform(): Transform {
  return {
    name: 'ToCanonical',
    params: {},
    apply: (subject: Subject) => mapVolumes(subject, toCanonical),
  };
}
