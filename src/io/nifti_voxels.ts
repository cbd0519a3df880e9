/** Stored voxels to a volume's array and back. Here, and nowhere else, i-fastest becomes k-fastest. */
import { product, type Triple } from '../shape.ts';
import type { NiftiDatatype } from './nifti_fields.ts';
import type { NiftiHeader } from './nifti_header.ts';
import type { VoxelArray } from './volume.ts';

/** One number per voxel; 64-bit integers as two words of 32 bits. */
export type Stored = { readonly [n: number]: number; readonly length: number };

export const STORED_ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: Uint32Array,
  int64: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** A square of i and k that stays in cache while it is transposed. */
const TILE = 32;

/**
 * Values of `raw`, the stored voxels: slope and intercept applied, `[C,I,J,K]` with k fastest.
 * Float32Array, or Float64Array where a stored value has no float32.
 */
export function decodeVoxels(raw: Uint8Array, header: NiftiHeader): VoxelArray {
  const aligned = nativeBytes(raw, header);
  const count = raw.length / header.bytesPerVoxel;
  const stored = storedNumbers(aligned, header.datatype, count);
  const Voxels = needsFloat64(stored, header.datatype) ? Float64Array : Float32Array;
  const out = new Voxels(count);
  const [channels, ...spatial] = header.shape;
  const { slope, intercept } = header;
  transpose(stored, out, channels, spatial as Triple, true);
  if (slope !== 1 || intercept !== 0) {
    for (let n = 0; n < count; n++) out[n] = out[n]! * slope + intercept;
  }
  return out;
}

/** File order (i fastest) of a `[C,I,J,K]` array, in the array that `datatype` is stored in. */
export function toFileOrder(
  data: ArrayLike<number>,
  shape: readonly number[],
  out: { [n: number]: number; readonly length: number },
): void {
  const [channels, ...spatial] = shape;
  transpose(data, out, channels!, spatial as unknown as Triple, false);
}

/** Swaps i and k per channel: from the file when `fromFile`, into its order otherwise. */
function transpose(
  source: ArrayLike<number>,
  target: { [n: number]: number },
  channels: number,
  [sizeI, sizeJ, sizeK]: Triple,
  fromFile: boolean,
): void {
  const channelSize = product([sizeI, sizeJ, sizeK]);
  const plane = sizeI * sizeJ;
  const slab = sizeJ * sizeK;
  for (let c = 0; c < channels; c++) {
    const base = c * channelSize;
    for (let j = 0; j < sizeJ; j++) {
      for (let i0 = 0; i0 < sizeI; i0 += TILE) {
        const i1 = Math.min(i0 + TILE, sizeI);
        for (let k0 = 0; k0 < sizeK; k0 += TILE) {
          const k1 = Math.min(k0 + TILE, sizeK);
          for (let i = i0; i < i1; i++) {
            const inFile = base + j * sizeI + i;
            const inVolume = base + i * slab + j * sizeK;
            if (fromFile) {
              for (let k = k0; k < k1; k++) target[inVolume + k] = source[inFile + k * plane]!;
            } else {
              for (let k = k0; k < k1; k++) target[inFile + k * plane] = source[inVolume + k]!;
            }
          }
        }
      }
    }
  }
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** `raw` itself where a typed array can lie on it, else an aligned copy in the host's byte order. */
function nativeBytes(raw: Uint8Array, { bytesPerVoxel, littleEndian }: NiftiHeader): Uint8Array {
  const swap = littleEndian !== HOST_IS_LITTLE_ENDIAN && bytesPerVoxel > 1;
  if (!swap) return raw.byteOffset % bytesPerVoxel === 0 ? raw : new Uint8Array(raw);
  const swapped = new Uint8Array(raw.length);
  for (let n = 0; n < raw.length; n += bytesPerVoxel) {
    for (let byte = 0; byte < bytesPerVoxel; byte++) {
      swapped[n + byte] = raw[n + bytesPerVoxel - 1 - byte]!;
    }
  }
  return swapped;
}

function storedNumbers(bytes: Uint8Array, datatype: NiftiDatatype, count: number): Stored {
  const { byteOffset } = bytes;
  const buffer = bytes.buffer as ArrayBuffer;
  if (datatype !== 'int64' && datatype !== 'uint64') {
    return new STORED_ARRAYS[datatype](buffer, byteOffset, count);
  }
  // Two words rather than BigInts: exact to 2^53, correctly rounded beyond, and much faster.
  const low = HOST_IS_LITTLE_ENDIAN ? 0 : 1;
  const unsigned = new Uint32Array(buffer, byteOffset, 2 * count);
  const high = new STORED_ARRAYS[datatype](buffer, byteOffset, 2 * count);
  const numbers = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    numbers[n] = high[2 * n + 1 - low]! * 2 ** 32 + unsigned[2 * n + low]!;
  }
  return numbers;
}

const WIDE: readonly NiftiDatatype[] = ['int32', 'uint32', 'int64', 'uint64', 'float64'];

function needsFloat64(stored: Stored, datatype: NiftiDatatype): boolean {
  if (!WIDE.includes(datatype)) return false;
  for (let n = 0; n < stored.length; n++) {
    const value = stored[n]!;
    if (Math.fround(value) !== value && !Number.isNaN(value)) return true;
  }
  return false;
}
