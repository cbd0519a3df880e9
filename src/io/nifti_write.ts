/** Volumes to NIfTI bytes: little endian, single file, the same input always the same bytes. */
import { gzipSync } from 'fflate';
import { FormatError, ShapeError } from '../errors.ts';
import { product, showShape } from '../shape.ts';
import { determinant, nearestRotation, originOf, sameAffine, spacingOf } from './affine.ts';
import { DATATYPES, FIELDS, MAGIC, type NiftiDatatype, type NiftiVersion } from './nifti_fields.ts';
import type { NiftiHeader } from './nifti_header.ts';
import { STORED_ARRAYS, toFileOrder } from './nifti_voxels.ts';
import type { Affine, Volume } from './volume.ts';

export interface NiftiWriteOptions {
  /** How voxels are stored, unscaled. Integers are rounded. Default float32. */
  readonly datatype?: Exclude<NiftiDatatype, 'int64' | 'uint64'>;
  /** Header of a scan on the same grid: its sform, qform, codes, pixdim and units are repeated. */
  readonly like?: NiftiHeader;
  /** Default true. The gzip header carries no time. */
  readonly gzip?: boolean;
}

/** nibabel's code for an affine that was given: NIFTI_XFORM_ALIGNED_ANAT. */
const ALIGNED = 2;
const MILLIMETRES = 2;
const NIFTI1_MAX_SIZE = 32767;

/**
 * A `.nii` or `.nii.gz` file of the volume; channels become the fourth dimension.
 * Throws ShapeError when `like` is another grid, FormatError for values that an integer datatype
 * cannot hold.
 */
export function writeNifti(volume: Volume, options: NiftiWriteOptions = {}): Uint8Array {
  const { datatype = 'float32', like, gzip = true } = options;
  const version: NiftiVersion =
    like?.version ?? (Math.max(...volume.shape) > NIFTI1_MAX_SIZE ? 2 : 1);
  const { dataOffset } = FIELDS[version];
  const facts = DATATYPES.find((candidate) => candidate.name === datatype);
  if (!facts || product(volume.shape) !== volume.data.length) {
    throw new FormatError(
      `writeNifti: the volume cannot be stored. ${volume.data.length} values for ${showShape(volume.shape)} as ${datatype}. Pass one value per voxel and a scalar datatype.`,
    );
  }
  if (like) checkSameGrid(volume, like);
  const bytes = new Uint8Array(dataOffset + volume.data.length * facts.bytes);
  const header = new HeaderWriter(bytes, version);
  header.common(volume.shape, facts.code, 8 * facts.bytes);
  if (like) header.placeLike(like);
  else header.place(volume.affine);
  storeVoxels(volume, datatype, bytes.subarray(dataOffset));
  return gzip ? gzipSync(bytes, { mtime: 0, level: 6 }) : bytes;
}

function checkSameGrid(volume: Volume, like: NiftiHeader): void {
  const same = volume.shape.slice(1).every((size, axis) => size === like.shape[axis + 1]);
  if (same && sameAffine(volume.affine, like.affine)) return;
  throw new ShapeError(
    `writeNifti: the volume is not on the grid of \`like\`. ${showShape(volume.shape)} at [${originOf(volume.affine)}] mm, like ${showShape(like.shape)} at [${originOf(like.affine)}] mm. Resample it to that grid first, or leave \`like\` out.`,
  );
}

/** Rounds half away from 0 for integers; NaN and values out of range are errors, not wrapped. */
function storeVoxels(volume: Volume, datatype: NiftiDatatype, target: Uint8Array): void {
  const stored = new STORED_ARRAYS[datatype](volume.data.length);
  let source: ArrayLike<number> = volume.data;
  if (!datatype.startsWith('float')) {
    const integers = new STORED_ARRAYS[datatype](source.length);
    for (let n = 0; n < integers.length; n++) {
      const value = source[n]!;
      const rounded = Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
      integers[n] = rounded;
      if (integers[n] !== rounded) {
        throw new FormatError(
          `writeNifti: ${datatype} cannot hold the value ${value}. Voxel ${n} of ${showShape(volume.shape)}. Choose a wider datatype.`,
        );
      }
    }
    source = integers;
  }
  toFileOrder(source, volume.shape, stored);
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) {
    target.set(new Uint8Array(stored.buffer));
    return;
  }
  const width = stored.BYTES_PER_ELEMENT;
  const words = new Uint8Array(stored.buffer);
  for (let n = 0; n < words.length; n++) {
    view.setUint8(n, words[n - (n % width) + width - 1 - (n % width)]!);
  }
}

/** Sets header fields by name at the offsets of either version. */
class HeaderWriter {
  private readonly view: DataView;
  private readonly version: NiftiVersion;

  constructor(bytes: Uint8Array, version: NiftiVersion) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.version = version;
  }

  common([channels, i, j, k]: Volume['shape'], datatypeCode: number, bitpix: number): void {
    const at = FIELDS[this.version];
    this.view.setInt32(0, at.headerBytes, true);
    MAGIC[this.version].single.forEach((byte, n) => {
      this.view.setUint8(at.magic + n, byte);
    });
    const dims = channels === 1 ? [3, i, j, k, 1, 1, 1, 1] : [4, i, j, k, channels, 1, 1, 1];
    dims.forEach((size, n) => {
      if (this.version === 1) this.view.setInt16(at.dim + 2 * n, size, true);
      else this.view.setBigInt64(at.dim + 8 * n, BigInt(size), true);
    });
    this.view.setInt16(at.datatype, datatypeCode, true);
    this.view.setInt16(at.bitpix, bitpix, true);
    if (this.version === 1) this.view.setFloat32(at.voxOffset, at.dataOffset, true);
    else this.view.setBigInt64(at.voxOffset, BigInt(at.dataOffset), true);
    this.floats(at.sclSlope, [1]);
    new TextEncoder().encode('voxgrad').forEach((byte, n) => {
      this.view.setUint8(at.descrip + n, byte);
    });
  }

  /** sform from the affine, qform from its nearest rotation; only the sform's code is set. */
  place(affine: Affine): void {
    const at = FIELDS[this.version];
    const rotation = nearestRotation(affine);
    const leftHanded = determinant(affine) < 0;
    if (leftHanded) for (const n of [2, 5, 8]) rotation[n] = -rotation[n]!;
    this.floats(at.pixdim, [leftHanded ? -1 : 1, ...spacingOf(affine), 1, 1, 1, 1]);
    this.floats(at.quatern, [...quaternionOf(rotation), ...originOf(affine)]);
    this.floats(at.srow, affine.slice(0, 12));
    this.codes(0, ALIGNED, MILLIMETRES);
  }

  /** The same numbers as in `like`, which may be big endian. */
  placeLike(like: NiftiHeader): void {
    const at = FIELDS[this.version];
    const source = new DataView(like.bytes.buffer, like.bytes.byteOffset, like.bytes.byteLength);
    const read = (offset: number, count: number) =>
      Array.from({ length: count }, (_, n) =>
        at.floatBytes === 4
          ? source.getFloat32(offset + 4 * n, like.littleEndian)
          : source.getFloat64(offset + 8 * n, like.littleEndian),
      );
    // pixdim beyond the third axis measures time or channels of the other image; and where pixdim
    // alone places a slice, nibabel takes 1 for the axes that the slice does not have.
    const rank = like.affineSource === 'pixdim' ? Math.min(3, like.dims.length) : 3;
    const pixdim = read(at.pixdim, 1 + rank);
    this.floats(at.pixdim, [...pixdim, ...new Array(8 - pixdim.length).fill(1)]);
    this.floats(at.quatern, read(at.quatern, 6));
    this.floats(at.srow, read(at.srow, 12));
    const units =
      this.version === 1
        ? source.getUint8(at.xyztUnits)
        : source.getInt32(at.xyztUnits, like.littleEndian);
    this.codes(like.qformCode, like.sformCode, units & 7);
  }

  private codes(qform: number, sform: number, units: number): void {
    const at = FIELDS[this.version];
    if (this.version === 1) {
      this.view.setInt16(at.qformCode, qform, true);
      this.view.setInt16(at.sformCode, sform, true);
      this.view.setUint8(at.xyztUnits, units);
    } else {
      this.view.setInt32(at.qformCode, qform, true);
      this.view.setInt32(at.sformCode, sform, true);
      this.view.setInt32(at.xyztUnits, units, true);
    }
  }

  private floats(offset: number, values: readonly number[]): void {
    const { floatBytes } = FIELDS[this.version];
    values.forEach((value, n) => {
      if (floatBytes === 4) this.view.setFloat32(offset + 4 * n, value, true);
      else this.view.setFloat64(offset + 8 * n, value, true);
    });
  }
}

/** b, c, d of the unit quaternion with a >= 0. Source: nifti_mat44_to_quatern of nifti1_io. */
function quaternionOf(r: readonly number[]): [number, number, number] {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = r as [
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
  // The largest of the four squares is the safe one to divide by.
  const squares = [1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz];
  const largest = squares.indexOf(Math.max(...squares));
  const root = Math.sqrt(squares[largest]!);
  const q = [
    [root, (zy - yz) / root, (xz - zx) / root, (yx - xy) / root],
    [(zy - yz) / root, root, (xy + yx) / root, (xz + zx) / root],
    [(xz - zx) / root, (xy + yx) / root, root, (yz + zy) / root],
    [(yx - xy) / root, (xz + zx) / root, (yz + zy) / root, root],
  ][largest]!.map((value) => value / 2);
  const sign = q[0]! < 0 ? -1 : 1;
  return [sign * q[1]!, sign * q[2]!, sign * q[3]!];
}
