/** Which of a header's three placements counts: sform, else qform, else pixdim (nibabel's order). */
import { FormatError } from '../errors.ts';
import { FIELDS, type NiftiVersion } from './nifti_fields.ts';
import type { Affine } from './volume.ts';

export type AffineSource = 'sform' | 'qform' | 'pixdim';

/** The fields of nifti-reader-js's header that place the grid. */
export interface RawPlacement {
  readonly pixDims: readonly number[];
  readonly qform_code: number;
  readonly sform_code: number;
  readonly quatern_b: number;
  readonly quatern_c: number;
  readonly quatern_d: number;
  readonly qoffset_x: number;
  readonly qoffset_y: number;
  readonly qoffset_z: number;
  readonly xyzt_units: number;
}

/** NIFTI_XFORM_*: nibabel counts every other code as 0, unknown. */
const LAST_XFORM_CODE = 5;

/** In mm, far beyond any scan: past these the squares of a damaged header's sizes overflow. */
const SMALLEST_VOXEL = 1e-12;
const LARGEST_VOXEL = 1e12;

/**
 * Affine in mm with its source and codes. Repairs of pixdim as in nibabel: negative becomes
 * positive, 0 becomes 1, qfac other than -1 becomes 1; each is noted.
 * Differs from nibabel: metres and micrometres are converted, and an affine that does not span
 * space is an error, since a voxel size of 0 must not reach a resampler.
 */
export function chooseAffine(
  raw: RawPlacement,
  bytes: Uint8Array,
  version: NiftiVersion,
  littleEndian: boolean,
  dims: readonly number[],
  notes: string[],
) {
  const sformCode = knownCode(raw.sform_code);
  const qformCode = knownCode(raw.qform_code);
  const spacing = repairedSpacing(raw.pixDims, notes);
  const millimetresPerUnit = unitOf(raw.xyzt_units);
  let affineSource: AffineSource;
  let affine: number[];
  if (sformCode > 0) {
    affineSource = 'sform';
    affine = sformOf(bytes, version, littleEndian);
  } else if (qformCode > 0) {
    affineSource = 'qform';
    affine = qformOf(raw, spacing, version);
  } else {
    affineSource = 'pixdim';
    affine = centredAffine(dims, spacing);
    notes.push('qform_code and sform_code are 0: the orientation is a guess (LAS, centred).');
  }
  if (millimetresPerUnit !== 1) {
    notes.push(`the spatial unit is ${millimetresPerUnit} mm; the affine is converted.`);
    for (let n = 0; n < 12; n++) affine[n]! *= millimetresPerUnit;
  }
  checkSpansSpace(affine, affineSource);
  return { affine: affine as Affine, affineSource, millimetresPerUnit, qformCode, sformCode };
}

function knownCode(code: number): number {
  return code >= 0 && code <= LAST_XFORM_CODE ? code : 0;
}

function unitOf(xyztUnits: number): number {
  const spatial = xyztUnits & 7;
  if (spatial === 1) return 1000;
  return spatial === 3 ? 0.001 : 1;
}

function repairedSpacing(pixdim: readonly number[], notes: string[]): [number, number, number] {
  const repaired = (axis: number) => {
    const size = Math.abs(pixdim[axis]!);
    if (size === 0) notes.push(`pixdim[${axis}] is 0 and read as 1.`);
    return size === 0 ? 1 : size;
  };
  return [repaired(1), repaired(2), repaired(3)];
}

function sformOf(bytes: Uint8Array, version: NiftiVersion, littleEndian: boolean): number[] {
  // Not nifti-reader-js's `affine`: that is the qform wherever the qform's code is the larger.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { srow, floatBytes } = FIELDS[version];
  const rows = Array.from({ length: 12 }, (_, n) =>
    floatBytes === 4
      ? view.getFloat32(srow + 4 * n, littleEndian)
      : view.getFloat64(srow + 8 * n, littleEndian),
  );
  return [...rows, 0, 0, 0, 1];
}

/** Rotation by the unit quaternion (a, b, c, d), columns scaled by the spacing. */
function qformOf(
  raw: RawPlacement,
  spacing: readonly [number, number, number],
  version: NiftiVersion,
): number[] {
  const { quatern_b: b, quatern_c: c, quatern_d: d } = raw;
  const rest = 1 - (b * b + c * c + d * d);
  const rounding = 3 * (version === 1 ? 2 ** -23 : Number.EPSILON);
  if (!(rest >= -rounding)) {
    throw new FormatError(
      `readNifti: the qform's quaternion is longer than 1. Got b, c, d = ${b}, ${c}, ${d}. The header is damaged.`,
    );
  }
  const a = Math.sqrt(Math.max(0, rest));
  const s = 2 / (a * a + b * b + c * c + d * d);
  const x = spacing[0];
  const y = spacing[1];
  // qfac: -1 makes the axes left-handed, everything else counts as 1.
  const z = raw.pixDims[0] === -1 ? -spacing[2] : spacing[2];
  return [
    ...[x * (1 - s * (c * c + d * d)), y * s * (b * c - a * d), z * s * (b * d + a * c)],
    raw.qoffset_x,
    ...[x * s * (b * c + a * d), y * (1 - s * (b * b + d * d)), z * s * (c * d - a * b)],
    raw.qoffset_y,
    ...[x * s * (b * d - a * c), y * s * (c * d + a * b), z * (1 - s * (b * b + c * c))],
    raw.qoffset_z,
    ...[0, 0, 0, 1],
  ];
}

/** nibabel's fallback: the first axis towards L, the centre of the volume at 0. */
function centredAffine(
  dims: readonly number[],
  spacing: readonly [number, number, number],
): number[] {
  const affine = new Array<number>(16).fill(0);
  for (let axis = 0; axis < 3; axis++) {
    const step = (axis < dims.length ? spacing[axis]! : 1) * (axis === 0 ? -1 : 1);
    affine[5 * axis] = step;
    affine[4 * axis + 3] = (-((dims[axis] ?? 1) - 1) / 2) * step;
  }
  affine[15] = 1;
  return affine;
}

function checkSpansSpace(affine: readonly number[], source: AffineSource): void {
  const column = (axis: number) => [affine[axis]!, affine[4 + axis]!, affine[8 + axis]!] as const;
  const [a, b, c] = [column(0), column(1), column(2)];
  const volume = Math.abs(
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
      b[0] * (a[1] * c[2] - a[2] * c[1]) +
      c[0] * (a[1] * b[2] - a[2] * b[1]),
  );
  const sizes = [Math.hypot(...a), Math.hypot(...b), Math.hypot(...c)] as const;
  const isSane = sizes.every((size) => size > SMALLEST_VOXEL && size < LARGEST_VOXEL);
  // The volume of the voxel's box: 0 or nearly so when axes coincide.
  const box = sizes[0] * sizes[1] * sizes[2];
  if (affine.every(Number.isFinite) && isSane && volume > 1e-6 * box) return;
  throw new FormatError(
    `readNifti: the ${source} affine does not span space. Rows [${affine.slice(0, 4)}], [${affine.slice(4, 8)}], [${affine.slice(8, 12)}]. Correct the header.`,
  );
}
