/** Small DICOM files for tests: explicit VR, little-endian, one image of 16-bit integers each (DICOM PS3.10, PS3.5). */
type Vector = readonly [number, number, number];

export interface DicomSlice {
  /** Row by row, as stored. */
  readonly pixels: Int16Array;
  readonly rows: number;
  readonly columns: number;
  /** Centre of the first pixel, mm, to the patient's left, back and head. */
  readonly position: Vector;
  /** Directions of a row, and of a column. */
  readonly orientation: readonly [...Vector, ...Vector];
  /** mm between rows, and between columns. */
  readonly pixelSpacing: readonly [number, number];
  readonly sliceThickness: number;
  readonly instance: number;
  readonly series: number;
  readonly description: string;
  readonly slope?: number;
  readonly intercept?: number;
  /** Explicit VR little-endian unless told; the pixels stay as they are. */
  readonly transferSyntax?: string;
  /** Without pixels, as reports are. */
  readonly hasImage?: boolean;
}

const ROOT = '1.2.826.0.1.3680043.8.498.1';
const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
/** Representations whose length takes four bytes after two reserved ones. */
const LONG = new Set(['OB', 'OW']);

type Value = string | Uint8Array;

/** Tag as eight hexadecimal digits, representation, value; padded to an even length. */
function encode(tag: string, representation: string, value: Value): Uint8Array {
  const raw = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  const start = LONG.has(representation) ? 12 : 8;
  const bytes = new Uint8Array(start + raw.length + (raw.length % 2));
  if (raw.length % 2) bytes[bytes.length - 1] = representation === 'UI' || start === 12 ? 0 : 0x20;
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
  bytes.set(new TextEncoder().encode(representation), 4);
  if (start === 12) view.setUint32(8, bytes.length - start, true);
  else view.setUint16(6, bytes.length - start, true);
  bytes.set(raw, start);
  return bytes;
}

const us = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer);
const decimal = (values: readonly number[]): string =>
  values.map((value) => String(Number(value.toFixed(10))).slice(0, 16)).join('\\');

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes of one file. */
export function encodeDicom(slice: DicomSlice): Uint8Array {
  const { series, instance, pixels, hasImage = true } = slice;
  const uid = `${ROOT}.${series}.${instance}`;
  const meta = joined([
    encode('00020001', 'OB', Uint8Array.of(0, 1)),
    encode('00020002', 'UI', CT_IMAGE),
    encode('00020003', 'UI', uid),
    encode('00020010', 'UI', slice.transferSyntax ?? EXPLICIT_LITTLE),
    encode('00020012', 'UI', ROOT),
  ]);
  const length = new Uint8Array(Uint32Array.of(meta.length).buffer);
  const image = [
    encode('00280002', 'US', us(1)),
    encode('00280004', 'CS', 'MONOCHROME2'),
    encode('00280010', 'US', us(slice.rows)),
    encode('00280011', 'US', us(slice.columns)),
    encode('00280030', 'DS', decimal(slice.pixelSpacing)),
    encode('00280100', 'US', us(16)),
    encode('00280101', 'US', us(16)),
    encode('00280102', 'US', us(15)),
    encode('00280103', 'US', us(1)),
    encode('00281052', 'DS', decimal([slice.intercept ?? 0])),
    encode('00281053', 'DS', decimal([slice.slope ?? 1])),
    encode('7FE00010', 'OW', new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)),
  ];
  return joined([
    new Uint8Array(128),
    new TextEncoder().encode('DICM'),
    encode('00020000', 'UL', length),
    meta,
    encode('00080008', 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    encode('00080016', 'UI', CT_IMAGE),
    encode('00080018', 'UI', uid),
    encode('00080020', 'DA', '20260101'),
    encode('00080030', 'TM', `1200${String(series).padStart(2, '0')}`),
    encode('00080060', 'CS', 'CT'),
    encode('00080070', 'LO', 'test'),
    encode('0008103E', 'LO', slice.description),
    encode('00100010', 'PN', 'Test^Nobody'),
    encode('00100020', 'LO', 'nobody'),
    encode('00180050', 'DS', decimal([slice.sliceThickness])),
    encode('00185100', 'CS', 'HFS'),
    encode('0020000D', 'UI', `${ROOT}.1`),
    encode('0020000E', 'UI', `${ROOT}.1.${series}`),
    encode('00200011', 'IS', String(series)),
    encode('00200013', 'IS', String(instance)),
    encode('00200032', 'DS', decimal(slice.position)),
    encode('00200037', 'DS', decimal(slice.orientation)),
    encode('00200052', 'UI', `${ROOT}.2`),
    ...(hasImage ? image : []),
  ]);
}
