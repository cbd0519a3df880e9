import { gridLocations } from '../../../src/patch/grid_sampler.ts';
import type { GoldenHandler } from '../case.ts';

/** Rows are [i0, j0, k0, i1, j1, k1]. */
export const handler: GoldenHandler = (c) => {
  const { size, patch, overlap } = c.params;
  const rows = gridLocations(size, patch, overlap).flatMap(({ start, size: voxels }) => [
    ...start,
    ...start.map((first, axis) => first + voxels[axis]!),
  ]);
  return { locations: { data: rows } };
};
