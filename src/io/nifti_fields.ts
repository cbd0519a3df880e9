/** Where the fields of NIfTI-1 and NIfTI-2 headers lie. Source: nifti1.h and nifti2.h. */

export type NiftiVersion = 1 | 2;

interface FieldTable {
  readonly headerBytes: number;
  /** Earliest voxel byte of a single file: header and the extension flag. */
  readonly dataOffset: number;
  /** Of pixdim, quaternion, srow and scaling. */
  readonly floatBytes: 4 | 8;
  readonly magic: number;
  readonly datatype: number;
  readonly bitpix: number;
  readonly dim: number;
  readonly pixdim: number;
  readonly voxOffset: number;
  readonly sclSlope: number;
  readonly sclInter: number;
  readonly descrip: number;
  readonly qformCode: number;
  readonly sformCode: number;
  readonly quatern: number;
  readonly srow: number;
  readonly xyztUnits: number;
}

export const FIELDS: Record<NiftiVersion, FieldTable> = {
  1: {
    headerBytes: 348,
    dataOffset: 352,
    floatBytes: 4,
    magic: 344,
    datatype: 70,
    bitpix: 72,
    dim: 40,
    pixdim: 76,
    voxOffset: 108,
    sclSlope: 112,
    sclInter: 116,
    descrip: 148,
    qformCode: 252,
    sformCode: 254,
    quatern: 256,
    srow: 280,
    xyztUnits: 123,
  },
  2: {
    headerBytes: 540,
    dataOffset: 544,
    floatBytes: 8,
    magic: 4,
    datatype: 12,
    bitpix: 14,
    dim: 16,
    pixdim: 104,
    voxOffset: 168,
    sclSlope: 176,
    sclInter: 184,
    descrip: 240,
    qformCode: 344,
    sformCode: 348,
    quatern: 352,
    srow: 400,
    xyztUnits: 500,
  },
};

/** `n+1\0`, `ni1\0` and the eight bytes of NIfTI-2, whose tail shows line-end conversion. */
export const MAGIC = {
  1: { single: [0x6e, 0x2b, 0x31, 0], pair: [0x6e, 0x69, 0x31, 0] },
  2: {
    single: [0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a],
    pair: [0x6e, 0x69, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a],
  },
} as const;

export type NiftiDatatype =
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float32'
  | 'float64';

export interface DatatypeFacts {
  readonly name: NiftiDatatype;
  readonly code: number;
  readonly bytes: 1 | 2 | 4 | 8;
}

export const DATATYPES: readonly DatatypeFacts[] = [
  { name: 'uint8', code: 2, bytes: 1 },
  { name: 'int16', code: 4, bytes: 2 },
  { name: 'int32', code: 8, bytes: 4 },
  { name: 'float32', code: 16, bytes: 4 },
  { name: 'float64', code: 64, bytes: 8 },
  { name: 'int8', code: 256, bytes: 1 },
  { name: 'uint16', code: 512, bytes: 2 },
  { name: 'uint32', code: 768, bytes: 4 },
  { name: 'int64', code: 1024, bytes: 8 },
  { name: 'uint64', code: 1280, bytes: 8 },
];

/** Known to the format, but not one number per voxel, or wider than a double. */
export const UNSUPPORTED_DATATYPES: Readonly<Record<number, string>> = {
  1: 'binary',
  32: 'complex64',
  128: 'rgb24',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
  2304: 'rgba32',
};
