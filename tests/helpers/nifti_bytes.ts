/** NIfTI files byte by byte, independent of the writer, so that readers can be shown anything. */

export interface NiftiBytes {
  version?: 1 | 2;
  littleEndian?: boolean;
  pair?: boolean;
  dim?: number[];
  pixdim?: number[];
  datatype?: number;
  bitpix?: number;
  voxOffset?: number;
  slope?: number;
  inter?: number;
  units?: number;
  qformCode?: number;
  sformCode?: number;
  /** b, c, d, then the offset. */
  quatern?: number[];
  srow?: number[];
  /** Written from byte 352 (or 544) on, with the extension flag set. */
  extension?: Uint8Array;
  /** Voxels in file order, already in the file's byte order. */
  voxels?: Uint8Array;
}

const AT = {
  1: { size: 348, dim: 40, datatype: 70, bitpix: 72, pixdim: 76, offset: 108, slope: 112 },
  2: { size: 540, dim: 16, datatype: 12, bitpix: 14, pixdim: 104, offset: 168, slope: 176 },
} as const;
const PLACE_AT = {
  1: { units: 123, qform: 252, sform: 254, quatern: 256, srow: 280 },
  2: { units: 500, qform: 344, sform: 348, quatern: 352, srow: 400 },
} as const;

/** A 2x3x4 int16 image by default, sform code 1, spacing 1, 2, 3 mm, voxel values 0, 1, 2, ... */
export function niftiBytes(fields: NiftiBytes = {}): Uint8Array {
  const { version = 1, littleEndian = true, pair = false, extension } = fields;
  const dim = fields.dim ?? [3, 2, 3, 4, 1, 1, 1, 1];
  const voxels = fields.voxels ?? int16Voxels(24, littleEndian);
  const at = { ...AT[version], ...PLACE_AT[version] };
  const start = fields.voxOffset ?? (pair ? 0 : at.size + 4 + (extension?.length ?? 0));
  const length = pair ? at.size + 4 : Math.max(start, at.size + 4) + voxels.length;
  const bytes = new Uint8Array(Math.min(length, 1 << 20));
  const view = new DataView(bytes.buffer);
  const float = (offset: number, values: number[]) => {
    values.forEach((value, n) => {
      if (version === 1) view.setFloat32(offset + 4 * n, value, littleEndian);
      else view.setFloat64(offset + 8 * n, value, littleEndian);
    });
  };
  view.setInt32(0, at.size, littleEndian);
  dim.forEach((size, n) => {
    if (version === 1) view.setInt16(at.dim + 2 * n, size, littleEndian);
    else view.setBigInt64(at.dim + 8 * n, BigInt(size), littleEndian);
  });
  view.setInt16(at.datatype, fields.datatype ?? 4, littleEndian);
  view.setInt16(at.bitpix, fields.bitpix ?? 16, littleEndian);
  float(at.pixdim, fields.pixdim ?? [1, 1, 2, 3, 0, 0, 0, 0]);
  if (version === 1) view.setFloat32(at.offset, start, littleEndian);
  else view.setBigInt64(at.offset, BigInt(start), littleEndian);
  float(at.slope, [fields.slope ?? 1, fields.inter ?? 0]);
  float(at.quatern, fields.quatern ?? [0, 0, 0, 0, 0, 0]);
  float(at.srow, fields.srow ?? [1, 0, 0, 10, 0, 2, 0, 20, 0, 0, 3, 30]);
  const [qform, sform, units] = [fields.qformCode ?? 0, fields.sformCode ?? 1, fields.units ?? 2];
  if (version === 1) {
    view.setInt16(at.qform, qform, littleEndian);
    view.setInt16(at.sform, sform, littleEndian);
    view.setUint8(at.units, units);
    bytes.set([0x6e, pair ? 0x69 : 0x2b, 0x31, 0], 344);
  } else {
    view.setInt32(at.qform, qform, littleEndian);
    view.setInt32(at.sform, sform, littleEndian);
    view.setInt32(at.units, units, littleEndian);
    bytes.set([0x6e, pair ? 0x69 : 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a], 4);
  }
  if (extension) {
    bytes[at.size] = 1;
    bytes.set(extension, at.size + 4);
  }
  if (!pair && start < bytes.length) {
    bytes.set(
      voxels.subarray(0, bytes.length - Math.max(start, at.size + 4)),
      Math.max(start, at.size + 4),
    );
  }
  return bytes;
}

/** 0, 1, 2, ... as int16. */
export function int16Voxels(count: number, littleEndian = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * count));
  for (let n = 0; n < count; n++) view.setInt16(2 * n, n, littleEndian);
  return new Uint8Array(view.buffer);
}
