/** What one file says when it is read through the public code: everything the manifest speaks of. */
import { determinant } from '../../src/io/affine.ts';
import type { NiftiImage } from '../../src/io/nifti.ts';
import { axisCodes } from '../../src/io/orientation.ts';

export interface Facts {
  readonly dims: readonly number[];
  readonly shape: readonly number[];
  readonly affine: readonly number[];
  readonly millimetresPerUnit: number;
  readonly datatype: string;
  readonly littleEndian: boolean;
  readonly qformCode: number;
  readonly sformCode: number;
  readonly axcodes: string;
  readonly determinantSign: number;
  readonly scaling: readonly [number, number];
  readonly extensions: readonly { code: number; size: number }[];
  /** Over finite voxels. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly finite: number;
  readonly size: number;
  /** At the indices asked for. */
  readonly voxels: readonly number[];
}

export function factsOf(image: NiftiImage, indices: readonly (readonly number[])[]): Facts {
  const { header, data } = image;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let finite = 0;
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    finite++;
  }
  return {
    dims: header.dims,
    shape: image.shape,
    affine: image.affine,
    millimetresPerUnit: header.millimetresPerUnit,
    datatype: header.datatype,
    littleEndian: header.littleEndian,
    qformCode: header.qformCode,
    sformCode: header.sformCode,
    axcodes: axisCodes(image.affine),
    determinantSign: Math.sign(determinant(image.affine)),
    scaling: [header.slope, header.intercept],
    extensions: image.extensions,
    min,
    max,
    mean: sum / finite,
    finite,
    size: data.length,
    voxels: indices.map((index) => data[offsetOf(image, index)] ?? Number.NaN),
  };
}

/** [i,j,k,t,u,...], t fastest among the channels, into `[C,I,J,K]`. */
function offsetOf({ shape, header }: NiftiImage, index: readonly number[]): number {
  const [i = 0, j = 0, k = 0, ...rest] = index;
  let channel = 0;
  for (let axis = rest.length - 1; axis >= 0; axis--) {
    channel = channel * header.dims[axis + 3]! + rest[axis]!;
  }
  return ((channel * shape[1] + i) * shape[2] + j) * shape[3] + k;
}
