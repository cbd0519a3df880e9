/** Element types of safetensors files, and the typed arrays that hold them. */
import { FormatError } from '../errors.ts';

export type SafetensorsArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

const BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsDtype = keyof typeof BYTES;

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export function isSafetensorsDtype(name: string): name is SafetensorsDtype {
  return Object.hasOwn(BYTES, name);
}

export function bytesPerElement(dtype: SafetensorsDtype): number {
  return BYTES[dtype];
}

/** The dtype that stores a typed array as it is. */
export function dtypeOf(data: SafetensorsArray): SafetensorsDtype {
  for (const [name, type] of Object.entries(ARRAYS)) {
    if (data instanceof type) return name as SafetensorsDtype;
  }
  throw new FormatError(
    `dtypeOf: no safetensors dtype holds this array. Got ${Object.prototype.toString.call(data)}. Pass a typed array.`,
  );
}

/** Raw little-endian bytes. The array must be the dtype's own (F16 and BF16 are read only). */
export function encodeElements(
  data: SafetensorsArray,
  dtype: SafetensorsDtype,
  name: string,
): Uint8Array {
  if (dtype === 'F16' || dtype === 'BF16' || !(data instanceof ARRAYS[dtype])) {
    throw new FormatError(
      `encodeSafetensors: tensor '${name}' is not an array of ${dtype}. Got ${data.constructor.name}. Convert it first.`,
    );
  }
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return HOST_IS_LITTLE_ENDIAN ? raw : swapBytes(raw, BYTES[dtype]);
}

/** Elements of raw little-endian bytes, copied. F16 and BF16 become Float32Array. */
export function decodeElements(raw: Uint8Array, dtype: SafetensorsDtype): SafetensorsArray {
  // Not raw.slice(): a Node Buffer's slice is a view of the same memory.
  const bytes = HOST_IS_LITTLE_ENDIAN ? new Uint8Array(raw) : swapBytes(raw, BYTES[dtype]);
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(bytes.buffer), halfToNumber);
  if (dtype === 'BF16') {
    const words = Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16);
    return new Float32Array(words.buffer);
  }
  return new ARRAYS[dtype](bytes.buffer);
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapBytes(raw: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const swapped = new Uint8Array(raw.length);
  for (let n = 0; n < raw.length; n++) {
    const inElement = n % width;
    swapped[n - inElement + width - 1 - inElement] = raw[n]!;
  }
  return swapped;
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
