import type { VoxelArray } from '../../io/volume.ts';

/** Smallest value; Infinity for none. */
export function minimumOf(values: VoxelArray): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) if (value < least) least = value;
  return least;
}
