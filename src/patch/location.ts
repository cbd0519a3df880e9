import { ShapeError } from '../errors.ts';
import { identityAffine } from '../io/affine.ts';
import { type Volume, volume } from '../io/volume.ts';
import { showShape, type Triple } from '../shape.ts';
import type { Subject } from './subject.ts';

/** A box of voxels inside a volume. */
export interface PatchLocation {
  /** First voxel, `[i, j, k]`. */
  readonly start: Triple;
  /** Voxels along each axis. */
  readonly size: Triple;
}

/** @throws ShapeError unless the box lies within `[I,J,K]` */
export function checkInside(caller: string, { start, size }: PatchLocation, shape: Triple): void {
  const inside = shape.every(
    (length, axis) =>
      Number.isInteger(start[axis]) &&
      start[axis]! >= 0 &&
      size[axis]! > 0 &&
      start[axis]! + size[axis]! <= length,
  );
  if (!inside) {
    throw new ShapeError(
      `${caller}: the patch is not inside the volume. Got ${showShape(size)} at ${showShape(start)} in ${showShape(shape)} [I,J,K]. Pad the volume or choose a smaller patch.`,
    );
  }
}

/** @throws ShapeError if a patch does not fit into a volume `[I,J,K]` */
export function checkFits(caller: string, size: Triple, shape: Triple): void {
  if (size.some((length, axis) => length > shape[axis]!)) {
    throw new ShapeError(
      `${caller}: the volume is smaller than the patch. Got volume ${showShape(shape)} and patchSize ${showShape(size)} [I,J,K]. Pad the volume or choose a smaller patch.`,
    );
  }
}

/**
 * Copy a patch out of a volume.
 *
 * @param into `[C, pi, pj, pk]` from `offset` on, e.g. one sample of a batch
 * @throws ShapeError if the patch reaches outside
 */
export function copyPatch(
  from: Volume,
  location: PatchLocation,
  into: Float32Array,
  offset = 0,
): void {
  const [channels, I, J, K] = from.shape;
  checkInside('copyPatch', location, [I, J, K]);
  const [i0, j0, k0] = location.start;
  const [pi, pj, pk] = location.size;
  let to = offset;
  for (let channel = 0; channel < channels; channel++) {
    for (let i = i0; i < i0 + pi; i++) {
      for (let j = j0; j < j0 + pj; j++, to += pk) {
        const first = ((channel * I + i) * J + j) * K + k0;
        into.set(from.data.subarray(first, first + pk), to);
      }
    }
  }
}

/** A patch as a new array `[C, pi, pj, pk]`. */
export function extractPatch(from: Volume, location: PatchLocation): Float32Array {
  const [pi, pj, pk] = location.size;
  const patch = new Float32Array(from.shape[0] * pi * pj * pk);
  copyPatch(from, location, patch);
  return patch;
}

/**
 * A patch as a subject of its own: image and label map, on an identity affine, as TorchIO's queue
 * hands them to augmentation.
 */
export function cutPatch({ name, image, label }: Subject, location: PatchLocation): Subject {
  const cut = (from: Volume): Volume =>
    volume(extractPatch(from, location), [from.shape[0], ...location.size], identityAffine());
  return label ? { name, image: cut(image), label: cut(label) } : { name, image: cut(image) };
}
