/** Planes of a volume as pictures, in the radiological convention. */
import { spacingOf } from '../../io/affine.ts';
import { spatialShape, type Volume } from '../../io/volume.ts';

/** The axis of a RAS+ volume that a picture looks along. */
export type AnatomicalPlane = 0 | 1 | 2;

export interface PlaneFacts {
  readonly name: 'sagittal' | 'coronal' | 'axial';
  /** Volume axes along a picture's columns and rows. Both run backwards. */
  readonly across: 0 | 1;
  readonly down: 1 | 2;
  /** What lies at the left and at the right edge of the picture. */
  readonly edges: readonly [string, string];
}

/**
 * Up is the head (axial: the front), left is the patient's right (sagittal: the front), as
 * radiologists look at scans. Differs from fastMONAI: its rotation by 90 degrees leaves axial and
 * coronal pictures with the patient's left on the left.
 */
export const PLANES: Readonly<Record<AnatomicalPlane, PlaneFacts>> = {
  0: { name: 'sagittal', across: 1, down: 2, edges: ['A', 'P'] },
  1: { name: 'coronal', across: 0, down: 2, edges: ['R', 'L'] },
  2: { name: 'axial', across: 0, down: 1, edges: ['R', 'L'] },
};

export interface Slice {
  readonly width: number;
  readonly height: number;
  /** Row by row from the top left corner. */
  readonly values: Float32Array;
  /** Millimetres. */
  readonly pixelWidth: number;
  readonly pixelHeight: number;
}

/**
 * One picture of the first channel of a RAS+ volume.
 *
 * @param index 0 .. size-1 along axis `plane`
 */
export function takeSlice(volume: Volume, plane: AnatomicalPlane, index: number): Slice {
  const { across, down } = PLANES[plane];
  const shape = spatialShape(volume);
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  const spacing = spacingOf(volume.affine);
  const width = shape[across];
  const height = shape[down];
  const values = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at =
        index * strides[plane] +
        (width - 1 - column) * strides[across] +
        (height - 1 - row) * strides[down];
      values[row * width + column] = volume.data[at]!;
    }
  }
  return { width, height, values, pixelWidth: spacing[across], pixelHeight: spacing[down] };
}

/**
 * The plane with the most voxels above 0, the first of several; -1 when there are none.
 *
 * @see fastMONAI find_max_slice
 */
export function largestSlice(labels: Volume, plane: AnatomicalPlane): number {
  const shape = spatialShape(labels);
  const counts = new Array<number>(shape[plane]).fill(0);
  let at = 0;
  const index: [number, number, number] = [0, 0, 0];
  for (index[0] = 0; index[0] < shape[0]; index[0]++) {
    for (index[1] = 0; index[1] < shape[1]; index[1]++) {
      for (index[2] = 0; index[2] < shape[2]; index[2]++) {
        if (labels.data[at++]! > 0) counts[index[plane]]!++;
      }
    }
  }
  const most = Math.max(...counts);
  return most === 0 ? -1 : counts.indexOf(most);
}
