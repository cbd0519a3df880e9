import { ConfigError } from '../errors.ts';
import { showShape, type Triple } from '../shape.ts';

/**
 * Check an overlap against the patch.
 *
 * @throws ConfigError if it is negative, not below the patch size, or not whole voxels
 * Differs from fastMONAI: a list of fractions is refused instead of silently becoming 0.
 */
export function checkOverlap(overlap: number | Triple, patchSize: Triple): void {
  const refuse = (what: string): never => {
    throw new ConfigError(
      `patchOverlap: ${what}. Got ${JSON.stringify(overlap)} for patchSize ${showShape(patchSize)}. Pass a fraction from 0 to below 1, voxels below every patch size, or voxels per axis.`,
    );
  };
  const isScalar = typeof overlap === 'number';
  const perAxis = isScalar ? [overlap, overlap, overlap] : overlap;
  if (perAxis.some((value) => !(value >= 0))) refuse('it is negative');
  if (isScalar && overlap < 1) return;
  if (perAxis.some((value) => !Number.isInteger(value))) refuse('it is not in whole voxels');
  if (perAxis.some((value, axis) => value >= patchSize[axis]!)) {
    refuse('it is not smaller than the patch');
  }
}

const evenFloor = (value: number): number => 2 * Math.floor(Math.trunc(value) / 2);

/**
 * The overlap in voxels per axis, rounded down to even numbers, as the grid sampler needs it.
 * A number between 0 and 1 is a fraction of the patch; any other (1 too) is voxels.
 *
 * @param overlap a setting, or a whole configuration (its own patchSize then counts)
 * @throws ConfigError as `checkOverlap`
 * @see fastMONAI _normalize_patch_overlap
 */
export function normalizePatchOverlap(
  overlap: number | Triple | { readonly patchOverlap: number | Triple; readonly patchSize: Triple },
  patchSize?: Triple,
): [number, number, number] {
  if (typeof overlap === 'object' && 'patchOverlap' in overlap) {
    return normalizePatchOverlap(overlap.patchOverlap, overlap.patchSize);
  }
  if (!patchSize) {
    throw new ConfigError(
      `normalizePatchOverlap: no patch size. Got overlap ${JSON.stringify(overlap)} alone. Pass patchSize, or the whole configuration.`,
    );
  }
  checkOverlap(overlap, patchSize);
  const fraction = typeof overlap === 'number' && overlap < 1;
  const along = (axis: 0 | 1 | 2): number => {
    const value = typeof overlap === 'number' ? overlap : overlap[axis];
    return evenFloor(fraction ? patchSize[axis] * value : value);
  };
  return [along(0), along(1), along(2)];
}

/**
 * The overlap of patches of another size: the same fraction, or in proportion, in even voxels.
 *
 * @param overlap for patches of `from`
 */
export function scaledOverlap(overlap: number | Triple, from: Triple, to: Triple): number | Triple {
  if (typeof overlap === 'number' && overlap < 1) return overlap;
  const along = (axis: 0 | 1 | 2): number => {
    const voxels = typeof overlap === 'number' ? overlap : overlap[axis];
    return from[axis] === to[axis] ? voxels : evenFloor((voxels * to[axis]) / from[axis]);
  };
  return [along(0), along(1), along(2)];
}
