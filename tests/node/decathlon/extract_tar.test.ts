import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import tar from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../src/errors.ts';
import { type ExtractOptions, extractTar } from '../../../src/node/decathlon/extract_tar.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { pax, type TarEntry, tarBytes } from '../../helpers/tar_bytes.ts';

const TOP = 'Task02_Heart';
const file = (name: string, data: Uint8Array | string = 'x'): TarEntry => ({
  name: `${TOP}/${name}`,
  data,
});

/** Unpacks below `inner/into`, so that what climbs out of it can be seen. */
function unpack(
  bytes: Uint8Array,
  check: (result: { files?: string[]; error?: Error; into: string }) => Promise<void>,
  options: Partial<ExtractOptions> = {},
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const archive = join(folder, 'task.tar');
    const into = join(folder, 'inner', 'into');
    await writeFile(archive, bytes);
    await extractTar(archive, into, { top: TOP, ...options }).then(
      (files) => check({ files, into }),
      (error: Error) => check({ error, into }),
    );
    expect((await readdir(folder)).sort()).toEqual(['inner', 'task.tar']);
    expect(await readdir(join(folder, 'inner'))).toEqual(['into']);
  });
}

async function refused(bytes: Uint8Array, why: RegExp, options?: Partial<ExtractOptions>) {
  await unpack(
    bytes,
    async ({ error }) => {
      expect(error).toBeInstanceOf(FormatError);
      expect(error?.message).toMatch(why);
    },
    options,
  );
}

describe('extractTar', () => {
  test('unpacks files and folders, and leaves those of macOS out', () =>
    inTemporaryFolder(async (folder) => {
      const scan = Uint8Array.from({ length: 700_001 }, (_, n) => n % 251);
      const name = `imagesTr/${'long_'.repeat(40)}.nii.gz`;
      const archive = join(folder, 'task.tar');
      await writeFile(
        archive,
        tarBytes([
          { name: './', type: '5' },
          { name: `./._${TOP}`, data: 'AppleDouble' },
          { name: `${TOP}/`, type: '5' },
          file('imagesTr/._la_003.nii.gz', 'AppleDouble'),
          file('imagesTr/la_003.nii.gz', scan),
          file('empty', ''),
          pax('path', `${TOP}/${name}`),
          file('short', 'long name'),
        ]),
      );
      const done: number[] = [];
      const files = await extractTar(archive, join(folder, 'into'), {
        top: TOP,
        onProgress: (bytes) => done.push(bytes),
      });
      expect(files).toEqual([`${TOP}/imagesTr/la_003.nii.gz`, `${TOP}/empty`, `${TOP}/${name}`]);
      const read = (path: string) => readFile(join(folder, 'into', path));
      expect(Buffer.compare(await read(files[0]!), scan)).toBe(0);
      expect(await read(files[1]!)).toHaveLength(0);
      expect((await read(files[2]!)).toString()).toBe('long name');
      expect(done.at(-1)).toBe((await readFile(archive)).length);
    }));

  test('takes what tar-stream packs', async () => {
    const pack = tar.pack();
    pack.entry({ name: `${TOP}/imagesTr`, type: 'directory' });
    pack.entry({ name: `${TOP}/imagesTr/a.nii` }, 'a');
    pack.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of pack) chunks.push(chunk as Uint8Array);
    await unpack(Buffer.concat(chunks), async ({ files }) =>
      expect(files).toEqual([`${TOP}/imagesTr/a.nii`]),
    );
  });

  test.each<[string, TarEntry[], RegExp]>([
    ['an absolute path', [{ name: '/etc/passwd', data: 'x' }], /not a relative path/],
    ['a way up', [file('../../../x')], /leaves its folder/],
    ['another folder', [{ name: 'Task01_BrainTumour/x', data: 'x' }], /not under Task02_Heart/],
    ['a symbolic link', [{ ...file('link', ''), type: '2', linkname: '/etc' }], /symlink/],
    [
      'a file through a link',
      [{ ...file('link', ''), type: '2', linkname: '../..' }, file('link/x')],
      /symlink/,
    ],
    ['a hard link', [{ ...file('link', ''), type: '1', linkname: '/etc/passwd' }], /\(link\)/],
    ['a device', [{ ...file('zero', ''), type: '3' }], /character-device/],
    ['a pipe', [{ ...file('pipe', ''), type: '6' }], /fifo/],
    ['a sparse file', [{ ...file('sparse', ''), type: 'S', size: 0 }], /unknown kind/],
    ['a file twice', [file('x'), file('x')], /there twice/],
    ['a file twice, but for case', [file('x.nii'), file('X.NII')], /there twice/],
    ['a file as a folder', [file('x'), file('x/y')], /replace another one/],
    ['a folder as a file', [file('x/y'), file('x')], /replace another one/],
    ['a file for the root', [{ name: '.', data: 'x' }], /the folder itself/],
    ['a path in a pax header', [pax('path', `${TOP}/../../x`), file('y')], /leaves its folder/],
    ['NUL in a pax header', [pax('path', `${TOP}/x\0y`), file('y')], /no file should have/],
    ['a size in a pax header', [pax('size', '99999999999'), file('y')], /more than there are/],
    ['a negative size', [pax('size', '-1'), file('y')], /not a whole tar archive/],
    [
      'a long name in GNU’s way',
      [{ name: '././@LongLink', type: 'L', data: `${TOP}/${'x'.repeat(300)}\0` }, file('y')],
      /too long/,
    ],
    ['a huge size', [{ ...file('x'), size: 2 ** 50 }], /more than there are/],
    ['more bytes than there are', [{ ...file('x'), size: 4000 }], /more than there are|whole tar/],
    ['fewer bytes than there are', [{ ...file('x', 'y'.repeat(3000)), size: 10 }], /whole tar/],
    ['a huge header', [{ ...pax('comment', 'x'), size: 2 ** 30 }, file('x')], /whole tar/],
  ])('%s is refused', (_, entries, why) => refused(tarBytes(entries), why));

  test('what is no tar, or half of one, is refused', async () => {
    const whole = tarBytes([file('a', 'a'.repeat(5000)), file('b', 'b'.repeat(5000))]);
    await refused(gzipSync(whole, { level: 0 }), /whole tar archive.*gunzipped/);
    await refused(whole.subarray(0, 11_000), /whole tar archive.*middle of a file/);
    await refused(whole.subarray(0, 7000), /more than there are/);
    await refused(whole.subarray(0, 300), /whole tar archive/);
    await refused(Buffer.from('<html>not found</html>'.repeat(100)), /whole tar archive/);
    const broken = Uint8Array.from(whole);
    broken[5632 + 5] = 0x21;
    await refused(broken, /whole tar archive/);
  });

  test('too many entries are refused', () =>
    refused(tarBytes([1, 2, 3, 4].map((n) => file(`${n}`))), /entry 4 of at most 3/, {
      maxEntries: 3,
    }));

  test('an abort ends it with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const entries = Array.from({ length: 50 }, (_, n) => file(`${n}`, new Uint8Array(50_000)));
    await unpack(
      tarBytes(entries),
      async ({ error, into }) => {
        expect(error).toBe(reason);
        await rm(into, { recursive: true });
        await mkdir(into);
      },
      { signal: controller.signal, onProgress: () => controller.abort(reason) },
    );
  });
});
