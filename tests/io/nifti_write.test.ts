import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../../src/errors.ts';
import { fromParts, startAt } from '../../src/io/affine.ts';
import { isGzip } from '../../src/io/gzip.ts';
import { readNifti, writeNifti } from '../../src/io/nifti.ts';
import { volume } from '../../src/io/volume.ts';
import { expectClose } from '../helpers/close.ts';
import { niftiBytes } from '../helpers/nifti_bytes.ts';

const [c, s] = [Math.cos(0.4), Math.sin(0.4)];
const OBLIQUE = fromParts([c, -s, 0, s, c, 0, 0, 0, -1], [1.25, 0.75, 4], [-31.5, 17.25, 40]);

function labels(affine = OBLIQUE, channels = 1) {
  const data = Float32Array.from({ length: channels * 60 }, (_, n) => n % 251);
  return volume(data, [channels, 3, 4, 5], affine);
}

describe('writeNifti', () => {
  it.each(['uint8', 'int8', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64'] as const)(
    'is undone by readNifti: %s',
    (datatype) => {
      const original = volume(
        labels().data.map((value) => value % 100),
        [1, 3, 4, 5],
        OBLIQUE,
      );
      const image = readNifti(writeNifti(original, { datatype }));
      expect(image.header.datatype).toBe(datatype);
      expect(image.shape).toEqual(original.shape);
      expect([...image.data]).toEqual([...original.data]);
      expectClose(image.affine, OBLIQUE, { rtol: 1e-7 });
    },
  );

  it('writes channels as the fourth dimension', () => {
    const image = readNifti(writeNifti(labels(OBLIQUE, 3)));
    expect(image.header.dims).toEqual([3, 4, 5, 3]);
    expect(image.data).toEqual(labels(OBLIQUE, 3).data);
  });

  it('gives the same bytes every time, with no time in the gzip header', () => {
    const bytes = writeNifti(labels(), { datatype: 'uint8' });
    expect(isGzip(bytes)).toBe(true);
    expect([...bytes.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(writeNifti(labels(), { datatype: 'uint8' })).toEqual(bytes);
    expect(isGzip(writeNifti(labels(), { gzip: false }))).toBe(false);
  });

  it('also writes a qform that agrees with the sform', () => {
    for (const [direction, name] of [
      [[c, -s, 0, s, c, 0, 0, 0, 1], 'right-handed'],
      [[c, -s, 0, s, c, 0, 0, 0, -1], 'left-handed'],
      [[-1, 0, 0, 0, -1, 0, 0, 0, 1], 'half a turn about k'],
      [[-1, 0, 0, 0, 1, 0, 0, 0, -1], 'half a turn about j'],
      [[0, 0, 1, 1, 0, 0, 0, 1, 0], 'permuted'],
      [[0, 0, -1, -1, 0, 0, 0, 1, 0], 'permuted and flipped'],
    ] as const) {
      const affine = fromParts(direction, [1.25, 0.75, 4], [1, 2, 3]);
      const bytes = writeNifti(labels(affine), { gzip: false });
      const view = new DataView(bytes.buffer);
      view.setInt16(252, 1, true);
      view.setInt16(254, 0, true);
      const { affine: qform, header } = readNifti(bytes);
      expect(header.affineSource, name).toBe('qform');
      expectClose(qform, affine, { rtol: 1e-6 });
    }
  });

  it('rounds to integers, and refuses what they cannot hold', () => {
    const write = (values: number[], datatype: 'uint8' | 'int16') =>
      readNifti(
        writeNifti(volume(Float32Array.from(values), [1, values.length, 1, 1], OBLIQUE), {
          datatype,
        }),
      );
    expect([...write([0.4, 0.5, 254.6], 'uint8').data]).toEqual([0, 1, 255]);
    expect([...write([-0.4, -0.5, -1.4], 'int16').data]).toEqual([0, -1, -1]);
    for (const value of [-1, 255.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => write([value], 'uint8'), `${value}`).toThrow(FormatError);
    }
  });

  it('uses NIfTI-2 for sizes beyond NIfTI-1', () => {
    const long = volume(new Float32Array(40000).fill(7), [1, 40000, 1, 1], OBLIQUE);
    const image = readNifti(writeNifti(long, { datatype: 'uint8' }));
    expect(image.header.version).toBe(2);
    expect(image.shape).toEqual([1, 40000, 1, 1]);
    expectClose(image.affine, OBLIQUE, { rtol: 1e-15, atol: 1e-15 });
  });

  it('does not change the volume', () => {
    const original = labels();
    const before = original.data.slice();
    writeNifti(original, { datatype: 'uint8' });
    expect(original.data).toEqual(before);
  });
});

describe('writeNifti on the grid of a scan', () => {
  const kinds = ([1, 2] as const).flatMap((version) =>
    [true, false].map((littleEndian) => ({ version, littleEndian })),
  );

  it.each(kinds)('repeats its sform, qform, codes and units exactly: %o', (kind) => {
    const scan = readNifti(
      niftiBytes({
        ...kind,
        sformCode: 4,
        qformCode: 1,
        quatern: [0.1, 0.2, 0.3, 5, 6, 7],
        srow: [-1.1, 0.1, 0, 10, 0.1, 2.2, 0, 20, 0, 0, 3.3, 30],
        pixdim: [-1, 1.1, 2.2, 3.3, 9, 0, 0, 0],
        units: 3 | 16,
      }),
    );
    const mask = volume(new Float32Array(24).fill(1), scan.shape, scan.affine);
    const written = readNifti(writeNifti(mask, { datatype: 'uint8', like: scan.header }));
    expect(written.affine).toEqual(scan.affine);
    expect(written.header).toMatchObject({
      version: kind.version,
      littleEndian: true,
      sformCode: 4,
      qformCode: 1,
      millimetresPerUnit: 0.001,
    });
    const unplaced = { qformCode: 0, sformCode: 0 };
    for (const codes of [{ sformCode: 0, qformCode: 1 }, unplaced]) {
      const other = readNifti(niftiBytes({ ...kind, ...codes, quatern: [0.1, 0.2, 0.3, 5, 6, 7] }));
      const copy = readNifti(writeNifti(other, { like: other.header }));
      expect(copy.affine).toEqual(other.affine);
      expect(copy.header).toMatchObject(codes);
    }
  });

  it('keeps the place of a slice without orientation, whatever its unused pixdim says', () => {
    const dim = [2, 4, 6, 1, 1, 1, 1, 1];
    const slice = readNifti(niftiBytes({ dim, sformCode: 0, pixdim: [1, 2, 3, 5, 0, 0, 0, 0] }));
    const copy = readNifti(writeNifti(slice, { like: slice.header }));
    expect(copy.affine).toEqual(slice.affine);
  });

  it('refuses a volume on another grid', () => {
    const { header, affine, data } = readNifti(niftiBytes());
    const moved = volume(data, [1, 2, 3, 4], startAt(affine, [0, 1, 0]));
    expect(() => writeNifti(moved, { like: header })).toThrow(ShapeError);
    const turned = volume(data, [1, 4, 3, 2], affine);
    expect(() => writeNifti(turned, { like: header })).toThrow(/not on the grid/);
  });
});
