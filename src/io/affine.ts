/** 4x4 voxel-index-to-RAS+-millimetre matrices: 16 numbers, row-major. Source: TorchIO's AffineMatrix. */
import { FormatError } from '../errors.ts';
import type { Triple } from '../shape.ts';
import type { Affine } from './volume.ts';

/** Voxels of 1 mm, the first at the origin, axes R, A, S. */
export function identityAffine(): Affine {
  return fromSpacing([1, 1, 1]);
}

/** Axes R, A, S with voxels of `spacing` mm and the centre of voxel 0 at `origin` mm. */
export function fromSpacing(spacing: Triple, origin: Triple = [0, 0, 0]): Affine {
  return fromParts([1, 0, 0, 0, 1, 0, 0, 0, 1], spacing, origin);
}

/** Direction cosines (3x3, row-major, a column per voxel axis), spacing in mm, origin in mm. */
export function fromParts(direction: readonly number[], spacing: Triple, origin: Triple): Affine {
  const affine = new Array<number>(16).fill(0);
  for (let row = 0; row < 3; row++) {
    for (let axis = 0; axis < 3; axis++) {
      affine[4 * row + axis] = direction[3 * row + axis]! * spacing[axis]!;
    }
    affine[4 * row + 3] = origin[row]!;
  }
  affine[15] = 1;
  return affine;
}

/** Voxel size in mm along i, j, k: the column lengths. */
export function spacingOf(affine: Affine): [number, number, number] {
  const length = (axis: number) =>
    Math.sqrt(affine[axis]! ** 2 + affine[4 + axis]! ** 2 + affine[8 + axis]! ** 2);
  return [length(0), length(1), length(2)];
}

/** Position of voxel (0,0,0) in mm. */
export function originOf(affine: Affine): [number, number, number] {
  return [affine[3]!, affine[7]!, affine[11]!];
}

/** Unit vectors of the voxel axes as columns of a row-major 3x3 matrix. */
export function directionOf(affine: Affine): number[] {
  const spacing = spacingOf(affine);
  return [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((axis) => affine[4 * row + axis]! / spacing[axis]!),
  );
}

/** a·b: first b, then a. */
export function multiplyAffine(a: Affine, b: Affine): Affine {
  const product = new Array<number>(16).fill(0);
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let n = 0; n < 4; n++) sum += a[4 * row + n]! * b[4 * n + column]!;
      product[4 * row + column] = sum;
    }
  }
  return product;
}

/** Millimetres to voxel index. Throws FormatError when the axes do not span space. */
export function invertAffine(affine: Affine): Affine {
  const inverse = invert3(linearPart(affine));
  const origin = originOf(affine);
  const result = new Array<number>(16).fill(0);
  for (let row = 0; row < 3; row++) {
    let offset = 0;
    for (let column = 0; column < 3; column++) {
      const value = inverse[3 * row + column]!;
      result[4 * row + column] = value;
      offset -= value * origin[column]!;
    }
    result[4 * row + 3] = offset;
  }
  result[15] = 1;
  return result;
}

/** Where `point` (a voxel index, or mm for an inverse) goes. */
export function applyAffine(affine: Affine, point: Triple): [number, number, number] {
  const at = (row: number) =>
    affine[4 * row]! * point[0] +
    affine[4 * row + 1]! * point[1] +
    affine[4 * row + 2]! * point[2] +
    affine[4 * row + 3]!;
  return [at(0), at(1), at(2)];
}

/** The same axes with voxel (0,0,0) where `index` was; what cropping `index` voxels does. */
export function startAt(affine: Affine, index: Triple): Affine {
  const [x, y, z] = applyAffine(affine, index);
  return [
    ...affine.slice(0, 3),
    x,
    ...affine.slice(4, 7),
    y,
    ...affine.slice(8, 11),
    z,
    0,
    0,
    0,
    1,
  ];
}

/** Volume of a voxel in mm³, negative for left-handed axes. */
export function determinant(affine: Affine): number {
  return determinant3(linearPart(affine));
}

/** Whether no entry differs by more than `tolerance` (mm for the origin, mm per voxel else). */
export function sameAffine(a: Affine, b: Affine, tolerance = 1e-3): boolean {
  return a.every((value, n) => Math.abs(value - b[n]!) <= tolerance);
}

/**
 * The rotation (or rotoinversion) nearest to the axes: the orthogonal factor of the polar
 * decomposition of `directionOf`, row-major 3x3. Newton's iteration of Higham (1986), which
 * agrees with nibabel's SVD for every matrix that can be inverted.
 */
export function nearestRotation(affine: Affine): number[] {
  let rotation = directionOf(affine);
  for (let step = 0; step < 100; step++) {
    const inverse = invert3(rotation);
    let change = 0;
    const next = rotation.map((value, n) => {
      const transposed = inverse[3 * (n % 3) + Math.floor(n / 3)]!;
      change = Math.max(change, Math.abs(transposed - value));
      return (value + transposed) / 2;
    });
    rotation = next;
    if (change < 1e-15) break;
  }
  return rotation;
}

function linearPart(affine: Affine): number[] {
  return [0, 1, 2].flatMap((row) => affine.slice(4 * row, 4 * row + 3));
}

function determinant3(m: readonly number[]): number {
  const [a, b, c, d, e, f, g, h, i] = m as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

function invert3(m: readonly number[]): number[] {
  const [a, b, c, d, e, f, g, h, i] = m as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const determinant = determinant3(m);
  if (determinant === 0 || !Number.isFinite(1 / determinant)) {
    throw new FormatError(
      `invertAffine: the voxel axes do not span space. Got columns of [${m.join(', ')}]. Correct the affine.`,
    );
  }
  const cofactors = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  return cofactors.map((value) => value / determinant);
}
