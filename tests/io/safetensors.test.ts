import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';

function file(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function header(entries: Record<string, unknown>): string {
  return JSON.stringify(entries);
}

describe('encodeSafetensors', () => {
  const tensors = {
    weight: { dtype: 'F32', shape: [2, 3], data: new Float32Array([1, -2, 3.5, 0, 5, 6]) },
    step: { dtype: 'I64', shape: [], data: new BigInt64Array([-7n]) },
    mask: { dtype: 'U8', shape: [3], data: new Uint8Array([1, 0, 1]) },
    empty: { shape: [0, 4], data: new Float64Array(0) },
  } as const;

  it('is undone by decodeSafetensors, names in order and metadata included', () => {
    const { tensors: read, metadata } = decodeSafetensors(
      encodeSafetensors(tensors, { voxgrad: '{"a":1}', note: 'ü' }),
    );
    expect([...read.keys()]).toEqual(['weight', 'step', 'mask', 'empty']);
    expect(read.get('weight')).toEqual(tensors.weight);
    expect(read.get('step')).toEqual(tensors.step);
    expect(read.get('mask')).toEqual(tensors.mask);
    expect(read.get('empty')).toMatchObject({ dtype: 'F64', shape: [0, 4] });
    expect(metadata).toEqual({ voxgrad: '{"a":1}', note: 'ü' });
  });

  it('gives the same bytes for the same tensors, with a header of whole 8-byte words', () => {
    const bytes = encodeSafetensors(new Map(Object.entries(tensors)));
    expect(bytes).toEqual(encodeSafetensors(tensors));
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it('refuses data that does not fill its shape and arrays of another dtype', () => {
    const data = new Float32Array(3);
    expect(() => encodeSafetensors({ a: { shape: [4], data } })).toThrow(FormatError);
    expect(() => encodeSafetensors({ a: { dtype: 'I32', shape: [3], data } })).toThrow(/I32/);
  });
});

describe('decodeSafetensors', () => {
  it('reads views that do not start at an aligned address', () => {
    const bytes = encodeSafetensors({ a: { shape: [1], data: new Float64Array([Math.PI]) } });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors.get('a')?.data[0]).toBe(Math.PI);
  });

  it('reads Node buffers, whose slice() shares memory', () => {
    const bytes = encodeSafetensors({ a: { shape: [2], data: new Float32Array([1, 2]) } });
    const { tensors } = decodeSafetensors(Buffer.concat([bytes]));
    expect(tensors.get('a')?.data).toEqual(new Float32Array([1, 2]));
  });

  it('widens half precision and bfloat16', () => {
    const entries = {
      h: { dtype: 'F16', shape: [5], data_offsets: [0, 10] },
      b: { dtype: 'BF16', shape: [1], data_offsets: [10, 12] },
    };
    const words = new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555, 0x3fc0]);
    const { tensors } = decodeSafetensors(file(header(entries), new Uint8Array(words.buffer)));
    const expected = [1, -2, 2 ** -24, Number.POSITIVE_INFINITY, 0.333251953125];
    expect(tensors.get('h')?.data).toEqual(new Float32Array(expected));
    expect(tensors.get('b')?.data[0]).toBe(1.5);
  });

  const eight = new Uint8Array(8);
  const entry = (shape: unknown, offsets: unknown, dtype = 'F32') => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  const bad: [string, Uint8Array][] = [
    ['fewer than 8 bytes', new Uint8Array(5)],
    ['a header longer than the file', file('{}').subarray(0, 9)],
    ['an absurd header length', new Uint8Array(16).fill(0xff)],
    ['a header that is no JSON', file('{"a":')],
    ['a header that is an array', file('[]')],
    ['an unknown dtype', file(header({ a: entry([2], [0, 8], 'Q4') }), eight)],
    ['an inherited property as dtype', file(header({ a: entry([2], [0, 8], 'toString') }), eight)],
    ['a negative size', file(header({ a: entry([-2], [0, 8]) }), eight)],
    ['a fractional size', file(header({ a: entry([1.5], [0, 6]) }), eight.subarray(2))],
    ['no shape', file(header({ a: { dtype: 'F32', data_offsets: [0, 8] } }), eight)],
    ['three offsets', file(header({ a: entry([2], [0, 8, 8]) }), eight)],
    ['offsets past the end', file(header({ a: entry([4], [0, 16]) }), eight)],
    ['offsets in the wrong order', file(header({ a: entry([2], [8, 0]) }), eight)],
    ['too few bytes for the shape', file(header({ a: entry([3], [0, 8]) }), eight)],
    ['overlapping tensors', file(header({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }), eight)],
    ['a hole between tensors', file(header({ a: entry([1], [4, 8]) }), eight)],
    ['bytes after the last tensor', file(header({ a: entry([1], [0, 4]) }), eight)],
    ['metadata that is not text', file(header({ __metadata__: { a: 1 } }))],
  ];
  it.each(bad)('refuses %s', (_, bytes) => {
    expect(() => decodeSafetensors(bytes)).toThrow(FormatError);
  });
});
