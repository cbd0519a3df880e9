/** NIfTI-1 and NIfTI-2, single files and .hdr/.img pairs, plain or gzipped: bytes to Volume. */
import { FormatError } from '../errors.ts';
import { gunzip, gunzipHead, isGzip, MAX_RATIO } from './gzip.ts';
import { type NiftiExtension, readExtensions } from './nifti_extensions.ts';
import { FIELDS } from './nifti_fields.ts';
import { HEADER_BYTES, type NiftiHeader, parseNiftiHeader, voxelBytes } from './nifti_header.ts';
import { decodeVoxels } from './nifti_voxels.ts';
import type { Volume } from './volume.ts';

export type { NiftiExtension } from './nifti_extensions.ts';
export type { NiftiHeader } from './nifti_header.ts';
export { type NiftiWriteOptions, writeNifti } from './nifti_write.ts';

export interface NiftiReadOptions {
  /** Most bytes to allocate for this file, inflated data and voxels together. Default 4 GiB. */
  readonly maxBytes?: number;
  /** The .img where the header is the .hdr of a pair; gzipped or not. */
  readonly image?: Uint8Array;
}

export interface NiftiImage extends Volume {
  readonly header: NiftiHeader;
  readonly extensions: readonly NiftiExtension[];
}

export const DEFAULT_MAX_BYTES = 2 ** 32;
/** Foreign bytes that may follow the voxels of a compressed file. */
const TRAILING_BYTES = 2 ** 24;
/** A .hdr with its extensions. */
const MAX_PAIR_HEADER_BYTES = 2 ** 20;

/**
 * A volume `[C,I,J,K]` in RAS+ mm with its header. Dimensions after the third become channels;
 * values are scaled by scl_slope and scl_inter; see `NiftiHeader` for what is repaired.
 * `bytes` is not changed. Sizes are checked against the file and `maxBytes` before memory is
 * allocated. Throws FormatError for everything that is not a readable scalar NIfTI image.
 */
export function readNifti(bytes: Uint8Array, options: NiftiReadOptions = {}): NiftiImage {
  const { maxBytes = DEFAULT_MAX_BYTES, image } = options;
  const file = unpack(bytes, maxBytes, image !== undefined);
  const header = parseNiftiHeader(file);
  const extensions = readExtensions(file, header);
  const data = decodeVoxels(voxelRange(file, image, header, maxBytes), header);
  return { data, shape: header.shape, affine: header.affine, header, extensions };
}

/** The header alone; of a compressed file only the beginning is inflated. Throws FormatError. */
export function readNiftiHeader(bytes: Uint8Array): NiftiHeader {
  return parseNiftiHeader(isGzip(bytes) ? gunzipHead(bytes, HEADER_BYTES) : bytes);
}

function unpack(bytes: Uint8Array, maxBytes: number, isPairHeader: boolean): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  return gunzip(bytes, HEADER_BYTES, (head) => {
    const header = parseNiftiHeader(head);
    if (isPairHeader && !header.single) {
      const keep = Math.min(MAX_PAIR_HEADER_BYTES, MAX_RATIO * bytes.length);
      return { keep, limit: MAX_PAIR_HEADER_BYTES };
    }
    checkHasVoxels(header);
    checkBudget(header, maxBytes);
    const keep = header.voxelOffset + voxelBytes(header);
    return { keep, limit: keep + TRAILING_BYTES };
  });
}

function voxelRange(
  file: Uint8Array,
  image: Uint8Array | undefined,
  header: NiftiHeader,
  maxBytes: number,
): Uint8Array {
  checkBudget(header, maxBytes);
  const end = header.voxelOffset + voxelBytes(header);
  let source = file;
  if (image !== undefined && !header.single) {
    const plan = () => ({ keep: end, limit: end + TRAILING_BYTES });
    source = isGzip(image) ? gunzip(image, 0, plan) : image;
  } else {
    checkHasVoxels(header);
  }
  if (source.length < end) {
    throw new FormatError(
      `readNifti: voxel data is truncated or missing. ${Math.max(0, source.length - header.voxelOffset)} of ${voxelBytes(header)} bytes for [${header.dims}] ${header.datatype} from byte ${header.voxelOffset}. Fetch the file again.`,
    );
  }
  return source.subarray(header.voxelOffset, end);
}

/** Some writers put the magic of a pair into a single file: read where voxels can follow the header. */
function checkHasVoxels(header: NiftiHeader): void {
  if (header.single || header.voxelOffset >= FIELDS[header.version].dataOffset) return;
  throw new FormatError(
    'readNifti: this is the header of a .hdr/.img pair. The voxels are missing. Pass the .img as { image }.',
  );
}

/** File, a copy in the host's byte order, and the result; before any of them is allocated. */
function checkBudget(header: NiftiHeader, maxBytes: number): void {
  const stored = voxelBytes(header);
  const inFloat32 = header.bytesPerVoxel < 4 || header.datatype === 'float32';
  const decoded = (stored / header.bytesPerVoxel) * (inFloat32 ? 4 : 8);
  const swapped = header.littleEndian ? 0 : stored;
  const needed = header.voxelOffset + stored + swapped + decoded;
  if (needed <= maxBytes) return;
  throw new FormatError(
    `readNifti: the image is too large. [${header.dims}] ${header.datatype} needs ${needed} bytes of at most ${maxBytes}. Raise maxBytes if the file is to be trusted.`,
  );
}
