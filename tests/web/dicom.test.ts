import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNifti } from '../../src/index.ts';
import { invertAffine } from '../../src/io/affine.ts';
import { isDicom, transferSyntax, unreadableCompression } from '../../web/app/dicom/is_dicom.ts';
import { chromiumPath, type PageRecord } from '../helpers/chromium.ts';
import { type DicomSlice, encodeDicom } from '../helpers/dicom.ts';
import { buildSmallPage, type SmallPage } from './small_page.ts';

const [COLUMNS, ROWS, SLICES] = [7, 5, 4];
/** mm between columns, rows and slices. */
const SPACING = [1.25, 1.5, 3] as const;
const START = [-12, 20, 33] as const;
const [SLOPE, INTERCEPT] = [2, -1024];

/** Tilted about two axes. */
function axes() {
  const [a, b] = [0.3, -0.2];
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  const row = [cb, 0, -sb] as const;
  const column = [sa * sb, ca, sa * cb] as const;
  const normal = [ca * sb, -sa, ca * cb] as const;
  return { row, column, normal };
}

const stored = (column: number, row: number, slice: number): number =>
  100 * slice + 10 * row + column - 150;

/** Where a pixel lies, mm, to the left, back and head. */
function place(column: number, row: number, slice: number): [number, number, number] {
  const { row: along, column: down, normal } = axes();
  const at = (n: 0 | 1 | 2) =>
    START[n] +
    along[n] * SPACING[0] * column +
    down[n] * SPACING[1] * row +
    normal[n] * SPACING[2] * slice;
  return [at(0), at(1), at(2)];
}

function slice(n: number, series = 3, more: Partial<DicomSlice> = {}): DicomSlice {
  const pixels = new Int16Array(ROWS * COLUMNS);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      pixels[row * COLUMNS + column] = stored(column, row, n);
    }
  }
  return {
    pixels,
    rows: ROWS,
    columns: COLUMNS,
    position: place(0, 0, n),
    orientation: [...axes().row, ...axes().column],
    pixelSpacing: [SPACING[1], SPACING[0]],
    sliceThickness: SPACING[2],
    instance: n + 1,
    series,
    description: 'chest thin',
    slope: SLOPE,
    intercept: INTERCEPT,
    ...more,
  };
}

const series = (number = 3, more: Partial<DicomSlice> = {}): Uint8Array[] =>
  // Files come in no particular order.
  [2, 0, 3, 1].map((n) => encodeDicom(slice(n, number, more)));

const blob = (bytes: Uint8Array): Blob => new Blob([bytes as Uint8Array<ArrayBuffer>]);

describe('isDicom', () => {
  it('knows DICOM by its first bytes, with and without a preamble', async () => {
    const [bytes] = series();
    expect(await isDicom(blob(bytes!))).toBe(true);
    expect(await isDicom(blob(bytes!.subarray(132)))).toBe(true);
    expect(await isDicom(blob(new Uint8Array(400)))).toBe(false);
    expect(await isDicom(blob(Uint8Array.of(0x5c, 1, 0, 0)))).toBe(false);
    expect(await isDicom(blob(new TextEncoder().encode('{"a": 1}'.repeat(40))))).toBe(false);
  });

  it('tells how images are stored, and which ways cannot be read', async () => {
    const jpeg = '1.2.840.10008.1.2.4.201';
    const [plain, packed] = [series()[0]!, series(3, { transferSyntax: jpeg })[0]!];
    expect(await transferSyntax(blob(plain))).toBe('1.2.840.10008.1.2.1');
    expect(unreadableCompression(await transferSyntax(blob(plain)))).toBe(undefined);
    expect(unreadableCompression(await transferSyntax(blob(packed)))).toMatch(/High-Throughput/);
    expect(await transferSyntax(blob(new Uint8Array(1024)))).toBe(undefined);
  });
});

const converter = fileURLToPath(new URL('../../web/app/dicom/dicom_to_nifti.ts', import.meta.url));
const MAIN = `
globalThis.convert = async (files, abortAfter) => {
  const { dicomToNifti } = await import(${JSON.stringify(converter)});
  const signal = abortAfter === undefined ? undefined : AbortSignal.timeout(abortAfter);
  const made = files.map(({ name, base64 }) =>
    new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
  try {
    const scans = await dicomToNifti(made, { signal });
    return Promise.all(scans.map(async (scan) => ({
      name: scan.name, bytes: [...new Uint8Array(await scan.arrayBuffer())] })));
  } catch (error) { return error.message; }
};`;

interface Converted {
  readonly name: string;
  readonly bytes: readonly number[];
}

declare const convert: (
  files: readonly { name: string; base64: string }[],
  abortAfter?: number,
) => Promise<Converted[] | string>;

describe.skipIf(!chromiumPath())('dicomToNifti, in Chromium', () => {
  let host: SmallPage;
  let page: Page;
  let record: PageRecord;

  beforeAll(async () => {
    host = await buildSmallPage(MAIN);
    ({ page, record } = await host.open());
  });
  afterAll(() => host?.close());

  const run = (files: readonly Uint8Array[], abortAfter?: number) =>
    page.evaluate(([given, after]) => convert(given, after), [
      files.map((bytes, n) => ({
        // The same name, as in several folders.
        name: n % 2 ? 'IM0001' : 'IM0002.dcm',
        base64: Buffer.from(bytes).toString('base64'),
      })),
      abortAfter,
    ] as const);

  it('a tilted series becomes a scan with every voxel in its place', async () => {
    const made = (await run([...series(), new Uint8Array(500)])) as Converted[];
    expect(made.map(({ name }) => name)).toEqual(['3_chest_thin.nii']);
    const scan = readNifti(Uint8Array.from(made[0]!.bytes));
    expect([...scan.shape].sort()).toEqual([1, COLUMNS, ROWS, SLICES].sort());
    const toIndex = invertAffine(scan.affine);
    const [, I, J, K] = scan.shape;
    for (let s = 0; s < SLICES; s++) {
      for (let row = 0; row < ROWS; row++) {
        for (let column = 0; column < COLUMNS; column++) {
          const [left, back, head] = place(column, row, s);
          const index = [0, 1, 2].map(
            (n) =>
              toIndex[4 * n]! * -left +
              toIndex[4 * n + 1]! * -back +
              toIndex[4 * n + 2]! * head +
              toIndex[4 * n + 3]!,
          );
          const near = index.map(Math.round) as [number, number, number];
          for (const n of [0, 1, 2]) expect(Math.abs(index[n]! - near[n]!)).toBeLessThan(1e-3);
          expect(near[0] < I && near[1] < J && near[2] < K).toBe(true);
          const value = scan.data[(near[0] * J + near[1]) * K + near[2]];
          expect(value).toBe(SLOPE * stored(column, row, s) + INTERCEPT);
        }
      }
    }
  });

  it('two series become two scans', async () => {
    const made = await run([...series(3), ...series(5, { description: 'bone' })]);
    expect((made as Converted[]).map(({ name }) => name).sort()).toEqual([
      '3_chest_thin.nii',
      '5_bone.nii',
    ]);
  });

  it('says in plain words that there are no images, or what they are compressed with', async () => {
    expect(await run([new Uint8Array(300)])).toMatch(/no DICOM image among these files/);
    expect(await run(series(3, { hasImage: false }))).toMatch(/no images in 4 DICOM files/);
    expect(await run(series(3, { transferSyntax: '1.2.840.10008.1.2.4.201' }))).toMatch(
      /compressed with High-Throughput JPEG 2000/,
    );
  });

  it('ends when it is told to, and works again after', async () => {
    expect(await run(series(), 0)).toMatch(/timed out|abort/i);
    expect((await run(series())) as Converted[]).toHaveLength(1);
  });

  it('the converter is loaded with the first files, from the own origin, within the policy', async () => {
    const unused = await host.open();
    expect(unused.record.requests.filter((url) => /wasm|dcm2niix|dicom/.test(url))).toEqual([]);
    await unused.page.context().close();
    expect(record.requests.some((url) => url.endsWith('.wasm'))).toBe(true);
    expect(record.foreign(new URL(host.url).origin)).toEqual([]);
    expect(record.complaints.filter((text) => /Content.Security|Refused/i.test(text))).toEqual([]);
  });
});
