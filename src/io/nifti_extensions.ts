/** Header extensions: `esize, ecode, data` blocks between the header and the voxels. */
import { FIELDS } from './nifti_fields.ts';
import type { NiftiHeader } from './nifti_header.ts';

export interface NiftiExtension {
  readonly code: number;
  /** With the 8 bytes of size and code. */
  readonly size: number;
}

/**
 * The extensions of an uncompressed file (the .hdr of a pair). A block whose size is not a
 * positive multiple of 16 that fits before the voxels ends the list: nothing here depends on them.
 */
export function readExtensions(file: Uint8Array, header: NiftiHeader): NiftiExtension[] {
  const { headerBytes, dataOffset } = FIELDS[header.version];
  const end = header.single ? Math.min(header.voxelOffset, file.length) : file.length;
  const extensions: NiftiExtension[] = [];
  if (file.length < dataOffset || file[headerBytes] === 0) return extensions;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = dataOffset;
  while (at + 8 <= end) {
    const size = view.getInt32(at, header.littleEndian);
    if (size < 16 || size % 16 !== 0 || at + size > end) break;
    extensions.push({ code: view.getInt32(at + 4, header.littleEndian), size });
    at += size;
  }
  return extensions;
}
