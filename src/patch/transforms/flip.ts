import { ConfigError } from '../../errors.ts';
import { orientationOf } from '../../io/orientation.ts';
import {
  type Affine,
  type Volume,
  type VolumeShape,
  type VoxelArray,
  volume,
} from '../../io/volume.ts';
import type { Subject } from '../subject.ts';
import type { Transform } from './transform.ts';

const ANATOMICAL = ['LR', 'AP', 'IS'] as const;

/** A voxel axis, or the one that runs along an anatomical direction. */
export type FlipAxis = 0 | 1 | 2 | (typeof ANATOMICAL)[number];

/**
 * A list of axes, of which one may come alone.
 *
 * @throws ConfigError naming `caller` for anything but 0, 1, 2, 'LR', 'AP', 'IS'
 */
export function axesOf(caller: string, axes: FlipAxis | readonly FlipAxis[]): readonly FlipAxis[] {
  const list = [axes].flat();
  for (const axis of list) {
    if ([0, 1, 2, ...ANATOMICAL].includes(axis)) continue;
    throw new ConfigError(
      `${caller}: no such axis. Got ${JSON.stringify(axis)}. Pass 0, 1, 2, 'LR', 'AP' or 'IS'.`,
    );
  }
  return list;
}

/** Voxel axis of each name: the one that follows that anatomical direction most. */
export function voxelAxes(axes: readonly FlipAxis[], affine: Affine): number[] {
  return axes.map((axis) => {
    if (typeof axis === 'number') return axis;
    const direction = ANATOMICAL.indexOf(axis);
    return orientationOf(affine).findIndex((along) => along.axis === direction);
  });
}

/** Voxels `[C,I,J,K]` in reverse order along these axes, 0 is i: a copy, or without axes `data` itself. */
export function reverseAxes<T extends VoxelArray>(
  data: T,
  [C, I, J, K]: VolumeShape,
  axes: readonly number[],
): T {
  if (axes.length === 0) return data;
  const [byI, byJ, byK] = [0, 1, 2].map((axis) => axes.includes(axis));
  const out = data.slice() as T;
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < I; i++) {
      for (let j = 0; j < J; j++) {
        const from = ((c * I + (byI ? I - 1 - i : i)) * J + (byJ ? J - 1 - j : j)) * K;
        const to = ((c * I + i) * J + j) * K;
        out.set(data.subarray(from, from + K), to);
        if (byK) out.subarray(to, to + K).reverse();
      }
    }
  }
  return out;
}

function flipVolume({ data, shape, affine }: Volume, axes: readonly number[]): Volume {
  return volume(reverseAxes(data, shape, axes), shape, affine);
}

/** Image and label map with the voxels of the given axes in reverse order; the affine stays. */
export function flipSubject(subject: Subject, axes: readonly number[]): Subject {
  if (axes.length === 0) return subject;
  const image = flipVolume(subject.image, axes);
  return subject.label
    ? { ...subject, image, label: flipVolume(subject.label, axes) }
    : { ...subject, image };
}

/**
 * Reverse the order of voxels along axes.
 *
 * @throws ConfigError for an unknown axis
 * @see TorchIO Flip(axes); as there, the affine does not change, so the anatomy is mirrored
 */
export function flip(params: { readonly axes: FlipAxis | readonly FlipAxis[] }): Transform {
  const axes = axesOf('flip', params.axes);
  return {
    name: 'Flip',
    params: { axes },
    apply: (subject) => flipSubject(subject, voxelAxes(axes, subject.image.affine)),
  };
}
