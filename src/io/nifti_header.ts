/** A NIfTI header: decoded by nifti-reader-js, believed only after the checks here. */
import { NIFTI1, NIFTI2 } from 'nifti-reader-js';
import { FormatError } from '../errors.ts';
import { type AffineSource, chooseAffine } from './nifti_affine.ts';
import {
  DATATYPES,
  type DatatypeFacts,
  FIELDS,
  MAGIC,
  type NiftiDatatype,
  type NiftiVersion,
  UNSUPPORTED_DATATYPES,
} from './nifti_fields.ts';
import type { Affine, VolumeShape } from './volume.ts';

export interface NiftiHeader {
  readonly version: NiftiVersion;
  readonly littleEndian: boolean;
  /** Header and voxels in one file; false for a .hdr/.img pair. */
  readonly single: boolean;
  /** As stored, rank 1 to 7. */
  readonly dims: readonly number[];
  /** `[C,I,J,K]`: dimensions after the third are channels, the fourth fastest. */
  readonly shape: VolumeShape;
  readonly datatype: NiftiDatatype;
  readonly bytesPerVoxel: 1 | 2 | 4 | 8;
  /** First voxel byte in the single file or in the .img. */
  readonly voxelOffset: number;
  /** value = stored * slope + intercept; 1 and 0 where the header asks for no scaling. */
  readonly slope: number;
  readonly intercept: number;
  /** Voxel index to RAS+ mm, converted from the header's spatial unit. */
  readonly affine: Affine;
  readonly affineSource: AffineSource;
  /** Of the header's spatial unit, which `affine` has been multiplied by. */
  readonly millimetresPerUnit: number;
  readonly qformCode: number;
  readonly sformCode: number;
  readonly description: string;
  /** What was repaired or had to be guessed, as sentences; empty for a clean header. */
  readonly notes: readonly string[];
  /** The original 348 or 540 bytes, from which a file on the same grid can be written. */
  readonly bytes: Uint8Array;
}

/** Enough for either version. */
export const HEADER_BYTES = FIELDS[2].headerBytes;

/**
 * Header facts from the first (uncompressed) bytes of a file. Throws FormatError when this is no
 * NIfTI, or when its dimensions, datatype, offset, scaling or affine cannot be used.
 */
export function parseNiftiHeader(file: Uint8Array): NiftiHeader {
  const { version, littleEndian, single } = identify(file);
  const fields = FIELDS[version];
  const bytes = file.slice(0, fields.headerBytes);
  // The library gets the header alone, so that its own walk over extensions cannot run astray.
  const raw = version === 1 ? new NIFTI1() : new NIFTI2();
  raw.readHeader(new Uint8Array(bytes).buffer);
  const notes: string[] = [];
  const dims = checkDims(raw.dims);
  const datatype = checkDatatype(raw.datatypeCode);
  if (raw.numBitsPerVoxel !== 8 * datatype.bytes) {
    notes.push(`bitpix ${raw.numBitsPerVoxel} contradicts ${datatype.name}; the datatype is used.`);
  }
  const [i = 1, j = 1, k = 1, ...channels] = dims;
  const located = chooseAffine(raw, bytes, version, littleEndian, dims, notes);
  return {
    version,
    littleEndian,
    single,
    dims,
    shape: [channels.reduce((a, b) => a * b, 1), i, j, k],
    datatype: datatype.name,
    bytesPerVoxel: datatype.bytes,
    voxelOffset: checkOffset(raw.vox_offset, single ? fields.dataOffset : 0, notes),
    ...checkScaling(raw.scl_slope, raw.scl_inter, notes),
    ...located,
    description: raw.description,
    notes,
    bytes,
  };
}

/** Bytes of all voxels as stored. */
export function voxelBytes(header: NiftiHeader): number {
  return header.dims.reduce((a, b) => a * b, 1) * header.bytesPerVoxel;
}

function identify(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 4) fail(file.length ? 'the header is truncated' : 'the file is empty', file);
  for (const version of [1, 2] as const) {
    const { headerBytes, magic } = FIELDS[version];
    const littleEndian = view.getInt32(0, true) === headerBytes;
    if (!littleEndian && view.getInt32(0, false) !== headerBytes) continue;
    if (file.length < headerBytes) fail('the header is truncated', file);
    const matches = (expected: readonly number[]) =>
      expected.every((byte, n) => file[magic + n] === byte);
    const single = matches(MAGIC[version].single);
    if (single || matches(MAGIC[version].pair)) return { version, littleEndian, single };
    if (version === 1 && file[magic] === 0) {
      fail('not a NIfTI file, but perhaps Analyze 7.5, which has no orientation', file);
    }
    fail('not a NIfTI file: its magic string is wrong', file);
  }
  return fail('not a NIfTI file', file);
}

function fail(wrong: string, file: Uint8Array): never {
  const start = String.fromCharCode(...file.subarray(0, 24)).replace(/[^\x20-\x7e]/g, '.');
  let advice = 'Pass a .nii or .nii.gz file, or the .hdr of a pair with its .img.';
  if (start.startsWith('version https://git-lfs')) advice = 'Run git lfs pull to fetch the scan.';
  if (/^\s*<(!doctype|html)/i.test(start)) advice = 'This is a web page: download the scan again.';
  if (file[0] === 0x1f && file[1] === 0x8b) advice = 'It was compressed twice: unpack it once.';
  throw new FormatError(
    `readNifti: ${wrong}. Got ${file.length} bytes that start with '${start}'. ${advice}`,
  );
}

function checkDims(stored: readonly number[]): number[] {
  const rank = stored[0]!;
  if (!(rank >= 1 && rank <= 7)) {
    throw new FormatError(
      `readNifti: the number of dimensions must be 1 to 7. dim[0] is ${rank}. The header is damaged.`,
    );
  }
  const dims = stored.slice(1, rank + 1);
  if (!dims.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new FormatError(
      `readNifti: every dimension must be positive. dim is [${dims.join(',')}]. The header is damaged.`,
    );
  }
  return dims;
}

function checkDatatype(code: number): DatatypeFacts {
  const facts = DATATYPES.find((candidate) => candidate.code === code);
  if (facts) return facts;
  const name = UNSUPPORTED_DATATYPES[code];
  throw new FormatError(
    `readNifti: unsupported datatype ${code}${name ? ` (${name})` : ''}. Segmentation needs one real number per voxel. Convert the file to int16 or float32.`,
  );
}

function checkOffset(stored: number, earliest: number, notes: string[]): number {
  if (stored === 0 && earliest > 0) {
    notes.push(`vox_offset is 0; voxels are read from byte ${earliest}.`);
    return earliest;
  }
  const offset = Math.trunc(stored);
  if (!Number.isSafeInteger(offset) || offset < earliest) {
    throw new FormatError(
      `readNifti: voxels cannot start at byte ${stored}. The earliest is ${earliest}. The header is damaged.`,
    );
  }
  return offset;
}

function checkScaling(slope: number, intercept: number, notes: string[]) {
  if (slope === 0 || !Number.isFinite(slope)) {
    if (slope !== 0) notes.push(`scl_slope is ${slope}; values are not scaled.`);
    return { slope: 1, intercept: 0 };
  }
  if (!Number.isFinite(intercept)) {
    throw new FormatError(
      `readNifti: scl_inter is not a number. Got ${intercept} with slope ${slope}. The header is damaged.`,
    );
  }
  return { slope, intercept };
}
