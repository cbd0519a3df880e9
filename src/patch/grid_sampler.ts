import { ConfigError } from '../errors.ts';
import { showShape, type Triple } from '../shape.ts';
import { checkFits, type PatchLocation } from './location.ts';

/** Starts along one axis: every step while the patch fits, and one flush with the end. */
function startsAlong(size: number, patch: number, overlap: number): number[] {
  const starts: number[] = [];
  for (let start = 0; start <= size - patch; start += patch - overlap) starts.push(start);
  if (starts.at(-1) !== size - patch) starts.push(size - patch);
  return starts;
}

/**
 * Patches that cover a volume, in lexicographic order of their starts.
 *
 * @param shape   volume, `[I,J,K]` voxels
 * @param overlap voxels shared by neighbours: even, below the patch size
 * @throws ConfigError for an odd, negative or too large overlap
 * @throws ShapeError  if the volume is smaller than the patch
 * @see TorchIO GridSampler
 */
export function gridLocations(shape: Triple, patchSize: Triple, overlap: Triple): PatchLocation[] {
  for (let axis = 0; axis < 3; axis++) {
    const voxels = overlap[axis]!;
    if (!(voxels >= 0 && voxels % 2 === 0 && voxels < patchSize[axis]!)) {
      throw new ConfigError(
        `gridLocations: the overlap must be even and smaller than the patch. Got overlap ${showShape(overlap)} and patchSize ${showShape(patchSize)}. Use normalizePatchOverlap.`,
      );
    }
  }
  checkFits('gridLocations', patchSize, shape);
  const [is, js, ks] = shape.map((size, axis) =>
    startsAlong(size, patchSize[axis]!, overlap[axis]!),
  ) as [number[], number[], number[]];
  return is.flatMap((i) =>
    js.flatMap((j) => ks.map((k) => ({ start: [i, j, k] as const, size: patchSize }))),
  );
}
