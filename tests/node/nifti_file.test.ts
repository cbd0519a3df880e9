import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, FormatError } from '../../src/errors.ts';
import { readNifti } from '../../src/io/nifti.ts';
import { readNiftiFile, readNiftiHeaderFile, writeNiftiFile } from '../../src/node/nifti_file.ts';
import { int16Voxels, niftiBytes } from '../helpers/nifti_bytes.ts';

const dir = mkdtempSync(join(tmpdir(), 'voxgrad-nifti-'));
afterAll(() => rmSync(dir, { recursive: true }));

function put(name: string, bytes: Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

const expected = readNifti(niftiBytes());

describe('readNiftiFile', () => {
  it('goes by the content, not by the name', async () => {
    const plain = put('plain.nii.gz', niftiBytes());
    const packed = put('packed.nii', gzipSync(niftiBytes()));
    expect((await readNiftiFile(plain)).data).toEqual(expected.data);
    expect((await readNiftiFile(packed)).data).toEqual(expected.data);
  });

  it('finds the other half of a pair, named by either, gzipped or not', async () => {
    const header = niftiBytes({ pair: true });
    const pairs = [
      [put('a.hdr', header), put('a.img', int16Voxels(24))],
      [put('b.hdr.gz', gzipSync(header)), put('b.img.gz', gzipSync(int16Voxels(24)))],
      [put('c.hdr', header), put('c.img.gz', gzipSync(int16Voxels(24)))],
      [put('D.HDR', header), put('D.IMG', int16Voxels(24))],
    ];
    for (const half of pairs.flat()) {
      expect((await readNiftiFile(half)).data, half).toEqual(expected.data);
      expect((await readNiftiHeaderFile(half)).shape, half).toEqual(expected.shape);
    }
  });

  it('names the path in every complaint', async () => {
    const lone = put('lone.hdr', niftiBytes({ pair: true }));
    await expect(readNiftiFile(lone)).rejects.toThrow(/lone\.hdr.*missing \.img/);
    const damaged = put('damaged.nii', niftiBytes().subarray(0, 360));
    await expect(readNiftiFile(damaged)).rejects.toThrow(/damaged\.nii.*truncated/);
    const missing = join(dir, 'missing.nii');
    await expect(readNiftiFile(missing)).rejects.toThrow(FormatError);
    await expect(readNiftiHeaderFile(missing)).rejects.toThrow(/missing\.nii.*cannot be read/);
  });

  it('does not load files beyond maxBytes', async () => {
    const path = put('large.nii', niftiBytes());
    await expect(readNiftiFile(path, { maxBytes: 100 })).rejects.toThrow(/too large/);
  });
});

describe('readNiftiHeaderFile', () => {
  it('needs only the beginning of the file', async () => {
    const path = put('cut.nii.gz', gzipSync(niftiBytes()).subarray(0, 200));
    expect((await readNiftiHeaderFile(path)).shape).toEqual([1, 2, 3, 4]);
  });
});

describe('writeNiftiFile', () => {
  it('compresses by the name and leaves nothing else behind', async () => {
    const path = join(dir, 'written.nii.gz');
    await writeNiftiFile(path, expected, { datatype: 'int16', like: expected.header });
    expect([...readFileSync(path).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    const read = await readNiftiFile(path);
    expect(read.data).toEqual(expected.data);
    expect(read.affine).toEqual(expected.affine);
    const plain = join(dir, 'written.nii');
    await writeNiftiFile(plain, expected);
    expect(readFileSync(plain).readInt32LE(0)).toBe(348);
    expect(readdirSync(dir).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('keeps the old file when the new one cannot be written', async () => {
    const path = put('old.nii', niftiBytes());
    const unwritable = { ...expected, data: new Float32Array(24).fill(1e6) };
    await expect(writeNiftiFile(path, unwritable, { datatype: 'uint8' })).rejects.toThrow(
      FormatError,
    );
    expect((await readNiftiFile(path)).data).toEqual(expected.data);
    const belowFile = join(path, 'folder.nii');
    await expect(writeNiftiFile(belowFile, expected)).rejects.toThrow(ConfigError);
  });
});
