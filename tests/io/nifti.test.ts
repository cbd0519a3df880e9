import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { spacingOf } from '../../src/io/affine.ts';
import { readNifti, readNiftiHeader } from '../../src/io/nifti.ts';
import { axisCodes } from '../../src/io/orientation.ts';
import { expectClose } from '../helpers/close.ts';
import { cpuTime } from '../helpers/cpu_time.ts';
import { int16Voxels, niftiBytes } from '../helpers/nifti_bytes.ts';

const AFFINE = [1, 0, 0, 10, 0, 2, 0, 20, 0, 0, 3, 30, 0, 0, 0, 1];

/** Value of voxel (i,j,k) of a 2x3x4 file whose values count up in file order. */
const inFileOrder = (i: number, j: number, k: number) => i + 2 * j + 6 * k;

describe('readNifti', () => {
  const kinds = ([1, 2] as const).flatMap((version) =>
    [true, false].map((littleEndian) => ({ version, littleEndian })),
  );

  it.each(kinds)('puts k fastest: version $version, little endian $littleEndian', (kind) => {
    const bytes = niftiBytes(kind);
    for (const file of [bytes, gzipSync(bytes)]) {
      const image = readNifti(file);
      expect(image.shape).toEqual([1, 2, 3, 4]);
      expect(image.affine).toEqual(AFFINE);
      expect(image.header).toMatchObject({ ...kind, single: true, datatype: 'int16', notes: [] });
      let n = 0;
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 3; j++) {
          for (let k = 0; k < 4; k++) expect(image.data[n++]).toBe(inFileOrder(i, j, k));
        }
      }
    }
  });

  it('transposes volumes larger than one tile', () => {
    const [I, J, K] = [37, 2, 41];
    const dim = [3, I, J, K, 1, 1, 1, 1];
    const { data } = readNifti(niftiBytes({ dim, voxels: int16Voxels(I * J * K) }));
    for (const [i, j, k] of [
      [0, 0, 0],
      [36, 1, 40],
      [31, 0, 32],
      [32, 1, 31],
    ] as const) {
      expect(data[(i * J + j) * K + k]).toBe(i + I * (j + J * k));
    }
  });

  it('makes channels of the dimensions after the third', () => {
    const dim = [5, 1, 2, 2, 3, 2, 1, 1];
    const { shape, data, header } = readNifti(niftiBytes({ dim, voxels: int16Voxels(24) }));
    expect(shape).toEqual([6, 1, 2, 2]);
    expect(header.dims).toEqual([1, 2, 2, 3, 2]);
    // Channel 4 is t=1, u=1: file position 4 * (1 + 3); j is faster than k in the file.
    expect([...data.slice(16, 20)]).toEqual([16, 18, 17, 19]);
  });

  it('reads fewer than three dimensions as one slice', () => {
    const image = readNifti(
      niftiBytes({ dim: [2, 2, 3, 99, 99, 1, 1, 1], voxels: int16Voxels(6) }),
    );
    expect(image.shape).toEqual([1, 2, 3, 1]);
  });

  it('reads pairs, gzipped or not, from the start of the image', () => {
    const bytes = niftiBytes({ pair: true });
    const image = int16Voxels(24);
    const expected = readNifti(niftiBytes());
    for (const header of [bytes, gzipSync(bytes)]) {
      for (const voxels of [image, gzipSync(image)]) {
        expect(readNifti(header, { image: voxels }).data).toEqual(expected.data);
      }
    }
    expect(() => readNifti(bytes)).toThrow(/\.img/);
    expect(() => readNifti(gzipSync(bytes))).toThrow(/\.img/);
    expect(() => readNifti(bytes, { image: image.subarray(1) })).toThrow(/truncated/);
  });

  it('reads views at odd addresses and voxels at odd offsets, and leaves the bytes alone', () => {
    const bytes = niftiBytes({ voxOffset: 357 });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const before = shifted.slice();
    expect(readNifti(shifted.subarray(1)).data).toEqual(readNifti(niftiBytes()).data);
    expect(shifted).toEqual(before);
  });

  it('ignores bytes after the voxels', () => {
    const longer = new Uint8Array(niftiBytes().length + 1000);
    longer.set(niftiBytes());
    expect(readNifti(longer).data).toEqual(readNifti(niftiBytes()).data);
    expect(readNifti(gzipSync(longer)).data).toEqual(readNifti(niftiBytes()).data);
  });
});

describe('datatypes of readNifti', () => {
  const read = (datatype: number, bitpix: number, voxels: Uint8Array, littleEndian = true) => {
    const dim = [3, voxels.length / (bitpix / 8), 1, 1, 1, 1, 1, 1];
    return readNifti(niftiBytes({ dim, datatype, bitpix, voxels, littleEndian })).data;
  };
  const raw = (array: ArrayBufferView) => new Uint8Array(array.buffer.slice(0));
  const swapped = (array: ArrayBufferView, width: number) => {
    const bytes = raw(array);
    for (let n = 0; n < bytes.length; n += width) bytes.subarray(n, n + width).reverse();
    return bytes;
  };

  it.each([
    ['uint8', 2, new Uint8Array([0, 7, 255]), Float32Array],
    ['int8', 256, new Int8Array([-128, 0, 127]), Float32Array],
    ['int16', 4, new Int16Array([-32768, 5, 32767]), Float32Array],
    ['uint16', 512, new Uint16Array([0, 5, 65535]), Float32Array],
    ['small int32', 8, new Int32Array([-5, 0, 1 << 24]), Float32Array],
    ['large int32', 8, new Int32Array([-5, 0, (1 << 24) + 1]), Float64Array],
    ['uint32', 768, new Uint32Array([0, 1, 4294967295]), Float64Array],
    ['float32', 16, new Float32Array([0.1, Number.NaN, Number.NEGATIVE_INFINITY]), Float32Array],
    ['float64 of float32 values', 64, new Float64Array([0.5, Number.NaN, 3]), Float32Array],
    ['float64', 64, new Float64Array([0.1, 1e300, -2]), Float64Array],
  ])('reads %s in both byte orders, in the smallest exact array', (_, code, stored, expected) => {
    const width = stored.BYTES_PER_ELEMENT;
    const little = read(code, 8 * width, raw(stored));
    expect(little).toBeInstanceOf(expected);
    expect([...little]).toEqual([...stored]);
    expect([...read(code, 8 * width, swapped(stored, width), false)]).toEqual([...stored]);
  });

  it('rounds 64-bit integers to the nearest double', () => {
    const signed = new BigInt64Array([-1n, -(2n ** 53n) - 1n, 2n ** 62n + 12345n, 7n]);
    expect([...read(1024, 64, raw(signed))]).toEqual([...signed].map(Number));
    expect([...read(1024, 64, swapped(signed, 8), false)]).toEqual([...signed].map(Number));
    const unsigned = new BigUint64Array([2n ** 64n - 1n, 5836665117072162816n]);
    expect([...read(1280, 64, raw(unsigned))]).toEqual([...unsigned].map(Number));
  });

  it.each([
    [1, 'binary'],
    [32, 'complex64'],
    [128, 'rgb24'],
    [1536, 'float128'],
    [2304, 'rgba32'],
    [9999, '9999'],
  ])('refuses datatype %i and names it', (code, name) => {
    expect(() => read(code, 8, new Uint8Array(99))).toThrow(name);
  });

  it('believes the datatype rather than bitpix', () => {
    const { data, header } = readNifti(niftiBytes({ bitpix: 32 }));
    expect(data).toEqual(readNifti(niftiBytes()).data);
    expect(header.notes.join()).toContain('bitpix');
  });
});

describe('scaling of readNifti', () => {
  const first = (fields: object) => readNifti(niftiBytes(fields)).data[1];

  it('is slope * stored + intercept', () => {
    expect(first({ slope: 0.5, inter: 100 })).toBe(103);
  });

  it.each([0, Number.NaN, Number.POSITIVE_INFINITY])('is left out for slope %d', (slope) => {
    expect(first({ slope, inter: 77 })).toBe(6);
  });

  it('is refused with an intercept that is no number', () => {
    expect(() => first({ slope: 2, inter: Number.NaN })).toThrow(FormatError);
  });
});

describe('affine of readNifti', () => {
  const read = (fields: object) => readNifti(niftiBytes(fields));
  const half = Math.SQRT1_2;

  it('prefers the sform, whichever code is larger', () => {
    const { affine, header } = read({ qformCode: 4, sformCode: 1, quatern: [1, 0, 0, 7, 8, 9] });
    expect(affine).toEqual(AFFINE);
    expect(header).toMatchObject({ affineSource: 'sform', qformCode: 4, sformCode: 1 });
  });

  it('turns the quaternion into a rotation', () => {
    // 90 degrees about z.
    const { affine, header } = read({ qformCode: 1, sformCode: 0, quatern: [0, 0, half, 7, 8, 9] });
    expectClose(affine, [0, -2, 0, 7, 1, 0, 0, 8, 0, 0, 3, 9, 0, 0, 0, 1], { rtol: 1e-7 });
    expect(header.affineSource).toBe('qform');
  });

  it('flips k where qfac is -1, and only there', () => {
    const qform = { qformCode: 1, sformCode: 0, quatern: [0, 0, 0, 0, 0, 0] };
    expect(read({ ...qform, pixdim: [-1, 1, 2, 3, 0, 0, 0, 0] }).affine[10]).toBe(-3);
    for (const qfac of [0, 1, -2, Number.NaN]) {
      expect(read({ ...qform, pixdim: [qfac, 1, 2, 3, 0, 0, 0, 0] }).affine[10]).toBe(3);
    }
  });

  it('takes a quaternion a rounding longer than 1, and no longer one', () => {
    const q = (b: number) => ({ qformCode: 1, sformCode: 0, quatern: [b, 0, 0, 0, 0, 0] });
    expectClose(read(q(1 + 1e-7)).affine.slice(0, 11), [1, 0, 0, 0, 0, -2, 0, 0, 0, 0, -3]);
    expect(() => read(q(1.01))).toThrow(/quaternion/);
  });

  it('falls back to pixdim as nibabel does: LAS and centred, with a note', () => {
    const { affine, header } = read({ qformCode: 0, sformCode: 0 });
    expect(affine).toEqual([-1, 0, 0, 0.5, 0, 2, 0, -2, 0, 0, 3, -4.5, 0, 0, 0, 1]);
    expect(axisCodes(affine)).toBe('LAS');
    expect(header.notes.join()).toContain('orientation');
  });

  it('counts codes outside 0 to 5 as unknown', () => {
    expect(read({ qformCode: -3, sformCode: 1000 }).header.affineSource).toBe('pixdim');
  });

  it('repairs pixdim: negative becomes positive, 0 becomes 1', () => {
    const pixdim = [1, -1.5, 0, 3, 0, 0, 0, 0];
    expect(spacingOf(read({ sformCode: 0, pixdim }).affine)).toEqual([1.5, 1, 3]);
  });

  it('converts metres and micrometres to millimetres', () => {
    expect(spacingOf(read({ units: 3 }).affine)).toEqual([0.001, 0.002, 0.003]);
    expect(spacingOf(read({ units: 1 }).affine)).toEqual([1000, 2000, 3000]);
    expect(spacingOf(read({ units: 0 }).affine)).toEqual([1, 2, 3]);
    // Seconds in the time bits.
    expect(spacingOf(read({ units: 2 | 8 }).affine)).toEqual([1, 2, 3]);
  });

  it.each([
    ['an sform of zeros', { srow: new Array(12).fill(0) }],
    ['an sform whose axes coincide', { srow: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] }],
    ['an sform with a damaged exponent', { srow: [1e30, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }],
    ['an sform with NaN', { srow: [Number.NaN, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }],
    [
      'an infinite pixdim',
      { sformCode: 0, pixdim: [1, Number.POSITIVE_INFINITY, 1, 1, 0, 0, 0, 0] },
    ],
    ['a pixdim that is no number', { sformCode: 0, pixdim: [1, Number.NaN, 1, 1, 0, 0, 0, 0] }],
  ])('is refused: %s', (_, fields) => {
    expect(() => read(fields)).toThrow(/does not span space/);
  });
});

describe('hostile files to readNifti', () => {
  const huge = [3, 30000, 30000, 30000, 1, 1, 1, 1];
  const changed = (at: number, value: number) => {
    const bytes = niftiBytes();
    bytes[at] = value;
    return bytes;
  };
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['two bytes', new Uint8Array(2)],
    ['gzip of nothing', gzipSync(new Uint8Array(0))],
    ['half a header', niftiBytes().subarray(0, 100)],
    ['a header alone', niftiBytes().subarray(0, 348)],
    ['missing voxels', niftiBytes().subarray(0, -1)],
    ['missing voxels, gzipped', gzipSync(niftiBytes().subarray(0, -1))],
    ['a file compressed twice', gzipSync(gzipSync(niftiBytes()))],
    ['a web page', new TextEncoder().encode('<!DOCTYPE html><html></html>'.padEnd(400))],
    ['a wrong magic', changed(345, 0x2d)],
    ['a magic without its end', changed(347, 0x20)],
    ['a wrong header size', changed(0, 0x5b)],
    ['an Analyze header', changed(344, 0)],
    ['rank 0', niftiBytes({ dim: [0, 2, 3, 4, 1, 1, 1, 1] })],
    ['rank 8', niftiBytes({ dim: [8, 2, 3, 4, 1, 1, 1, 1] })],
    ['a size of 0', niftiBytes({ dim: [3, 2, 0, 4, 1, 1, 1, 1] })],
    ['a negative size', niftiBytes({ dim: [3, 2, -3, 4, 1, 1, 1, 1] })],
    ['sizes far beyond the file', niftiBytes({ dim: huge })],
    ['sizes far beyond the compressed file', gzipSync(niftiBytes({ dim: huge }))],
    [
      'an overflowing size',
      niftiBytes({ version: 2, dim: [7, 2 ** 40, 2 ** 40, 2 ** 40, 1, 1, 1, 1] }),
    ],
    ['voxels inside the header', niftiBytes({ voxOffset: 200 })],
    ['voxels before the file', niftiBytes({ version: 2, voxOffset: -16 })],
    ['voxels after the file', niftiBytes({ voxOffset: 1e6 }).subarray(0, 5000)],
    [
      'NIfTI-2 with converted line ends',
      (() => {
        const bytes = niftiBytes({ version: 2 });
        bytes.set([0x0a, 0x1a], 8);
        return bytes;
      })(),
    ],
  ])('are refused with a clear message: %s', (_, bytes) => {
    const read = () => readNifti(bytes);
    expect(cpuTime(() => expect(read).toThrow(FormatError))).toBeLessThan(500);
  });

  it('are refused beyond maxBytes before they are inflated', () => {
    const dim = [3, 200, 200, 200, 1, 1, 1, 1];
    const bytes = gzipSync(niftiBytes({ dim, voxels: new Uint8Array(0) }));
    expect(() => readNifti(bytes, { maxBytes: 1e6 })).toThrow(/too large/);
  });

  it('are stopped when they inflate to more than the header announces', () => {
    const bomb = new Uint8Array(1 << 25);
    bomb.set(niftiBytes());
    expect(() => readNifti(gzipSync(bomb, { level: 1 }))).toThrow(/more than its header/);
  });

  it('get a hint where the cause is known', () => {
    const pointer = new TextEncoder().encode(
      'version https://git-lfs.github.com/spec/v1'.padEnd(400),
    );
    expect(() => readNifti(pointer)).toThrow(/git lfs pull/);
    expect(() => readNifti(gzipSync(gzipSync(niftiBytes())))).toThrow(/compressed twice/);
  });

  it('may have vox_offset 0 in a single file: voxels follow the header, with a note', () => {
    const image = readNifti(niftiBytes({ voxOffset: 0 }));
    expect(image.data).toEqual(readNifti(niftiBytes()).data);
    expect(image.header.notes.join()).toContain('vox_offset');
  });
});

describe('extensions of readNifti', () => {
  const block = (size: number, code: number, length: number) => {
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setInt32(0, size, true);
    new DataView(bytes.buffer).setInt32(4, code, true);
    return bytes;
  };
  const read = (extension: Uint8Array) => readNifti(niftiBytes({ extension })).extensions;

  it('are listed with code and size', () => {
    const two = new Uint8Array(80);
    two.set(block(48, 6, 48));
    two.set(block(32, 4, 32), 48);
    expect(read(two)).toEqual([
      { code: 6, size: 48 },
      { code: 4, size: 32 },
    ]);
    expect(readNifti(gzipSync(niftiBytes({ version: 2, extension: two }))).extensions).toHaveLength(
      2,
    );
  });

  it.each([0, -16, 8, 17, 1 << 30])('of size %i end the list', (size) => {
    expect(read(block(size, 6, 32))).toEqual([]);
  });
});

describe('readNiftiHeader', () => {
  it('needs no voxels', () => {
    const bytes = niftiBytes();
    expect(readNiftiHeader(bytes.subarray(0, 348))).toMatchObject({ shape: [1, 2, 3, 4] });
    const packed = gzipSync(bytes);
    expect(readNiftiHeader(packed)).toMatchObject({ affine: AFFINE, datatype: 'int16' });
  });
});
