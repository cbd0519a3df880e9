/**
 * Safetensors: 8 bytes little-endian header length, a JSON header, raw little-endian tensors.
 * Source: the format page of huggingface/safetensors.
 */
import { FormatError } from '../errors.ts';
import { product, showShape } from '../shape.ts';
import {
  bytesPerElement,
  decodeElements,
  dtypeOf,
  encodeElements,
  isSafetensorsDtype,
  type SafetensorsArray,
  type SafetensorsDtype,
} from './safetensors_dtype.ts';

export type { SafetensorsArray, SafetensorsDtype } from './safetensors_dtype.ts';

export interface SafetensorsTensor {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: SafetensorsArray;
}

export interface SafetensorsInput {
  /** Without it, the dtype that the typed array stores. */
  readonly dtype?: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: SafetensorsArray;
}

export interface SafetensorsFile {
  /** In the order of the header. */
  readonly tensors: Map<string, SafetensorsTensor>;
  readonly metadata: Record<string, string>;
}

/** The reference implementation refuses longer headers. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Bytes of a safetensors file: the same tensors in the same order give the same bytes.
 * The header is padded with spaces to 8 bytes. Throws FormatError when data does not fill a shape.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsInput> | Readonly<Record<string, SafetensorsInput>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  // Entries, not an object: JSON objects reorder keys that look like numbers.
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  const fields: string[] = [];
  if (metadata !== undefined) fields.push(`"__metadata__":${JSON.stringify(metadata)}`);
  const payloads: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of entries as [string, SafetensorsInput][]) {
    const dtype = tensor.dtype ?? dtypeOf(tensor.data);
    if (name === '__metadata__' || tensor.data.length !== product(tensor.shape)) {
      throw new FormatError(
        `encodeSafetensors: tensor '${name}' cannot be stored. Got ${tensor.data.length} values for ${showShape(tensor.shape)}. Pass one value per element and a name other than __metadata__.`,
      );
    }
    const payload = encodeElements(tensor.data, dtype, name);
    const end = offset + payload.byteLength;
    fields.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":${JSON.stringify(tensor.shape)},"data_offsets":[${offset},${end}]}`,
    );
    payloads.push(payload);
    offset = end;
  }
  let header = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = new Uint8Array(Math.ceil(header.length / 8) * 8).fill(0x20);
  padded.set(header);
  header = padded;
  const bytes = new Uint8Array(8 + header.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  let at = 8 + header.length;
  for (const payload of payloads) {
    bytes.set(payload, at);
    at += payload.length;
  }
  return bytes;
}

/**
 * Tensors and metadata of a safetensors file. Data is copied out of `bytes`.
 * F16 and BF16 are widened to Float32Array, I64 and U64 are BigInt arrays.
 * Throws FormatError for anything the format does not allow: bad lengths, unknown dtypes,
 * offsets that overlap, leave holes or run past the end, sizes that do not fit the shape.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, dataStart } = parseHeader(bytes);
  const available = bytes.byteLength - dataStart;
  const tensors = new Map<string, SafetensorsTensor>();
  let metadata: Record<string, string> = {};
  const spans: { name: string; begin: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = parseMetadata(value);
      continue;
    }
    const { dtype, shape, begin, end } = parseEntry(name, value, available);
    spans.push({ name, begin, end });
    const payload = bytes.subarray(dataStart + begin, dataStart + end);
    tensors.set(name, { dtype, shape, data: decodeElements(payload, dtype) });
  }
  checkCoverage(spans, available);
  return { tensors, metadata };
}

function fail(wrong: string, arrived: string): never {
  throw new FormatError(
    `decodeSafetensors: ${wrong}. ${arrived}. Pass a complete, unmodified .safetensors file.`,
  );
}

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.byteLength < 8) fail('the file is too short', `Got ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(bytes.byteLength - 8)) {
    fail('the header runs past the end', `Header of ${length} bytes in ${bytes.byteLength}`);
  }
  const dataStart = 8 + Number(length);
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart));
    header = text.startsWith('{') ? JSON.parse(text) : undefined;
  } catch {
    header = undefined;
  }
  if (!isRecord(header)) fail('the header is not a JSON object', `${length} bytes of header`);
  return { header, dataStart };
}

function parseMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    fail('__metadata__ is not a map of strings', `Got ${JSON.stringify(value).slice(0, 80)}`);
  }
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, available: number) {
  const entry = isRecord(value) ? value : {};
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isSafetensorsDtype(dtype)) {
    fail(`tensor '${name}' has an unknown dtype`, `Got ${JSON.stringify(dtype)}`);
  }
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    fail(
      `tensor '${name}' has a malformed shape or data_offsets`,
      `Got ${JSON.stringify(value).slice(0, 120)}`,
    );
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > available) {
    fail(
      `tensor '${name}' lies outside the file`,
      `Offsets [${begin},${end}] in ${available} bytes of data`,
    );
  }
  if (product(shape) * bytesPerElement(dtype) !== end - begin) {
    fail(
      `tensor '${name}' does not fill its shape`,
      `${dtype} ${showShape(shape)} in ${end - begin} bytes`,
    );
  }
  return { dtype, shape, begin, end };
}

function checkCoverage(spans: { name: string; begin: number; end: number }[], available: number) {
  let covered = 0;
  for (const { name, begin, end } of [...spans].sort(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== covered) {
      fail(
        `tensor '${name}' ${begin < covered ? 'overlaps another' : 'leaves a hole before it'}`,
        `It begins at ${begin}, the previous ends at ${covered}`,
      );
    }
    covered = end;
  }
  if (covered !== available) {
    fail('bytes after the last tensor', `${available - covered} bytes belong to no tensor`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
