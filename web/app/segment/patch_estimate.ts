/** About how many patches cover a scan. */

import type { ScanFacts } from '../../../src/index.ts';

type Triple = readonly [number, number, number];

/** Neighbours share half of a patch in most models. */
const OVERLAP = 0.5;

/**
 * Good to compare scans with each other; the number itself is known when a scan has been prepared.
 *
 * @param scan      voxels `[C,I,J,K]` and millimetres per voxel
 * @param target    spacing that the model asks for; null keeps the scan's own
 * @param patchSize voxels `[I,J,K]`
 */
export function estimatePatches(
  { shape, spacing }: Pick<ScanFacts, 'shape' | 'spacing'>,
  target: Triple | null,
  patchSize: Triple,
): number {
  const [, ...voxelsOf] = shape;
  return voxelsOf
    .map((size, axis) => {
      const voxels = target ? (size * spacing[axis]!) / target[axis]! : size;
      const step = patchSize[axis]! * (1 - OVERLAP);
      return 1 + Math.max(0, Math.ceil((voxels - patchSize[axis]!) / step));
    })
    .reduce((a, b) => a * b, 1);
}
