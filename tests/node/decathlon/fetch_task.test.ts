import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FetchOptions, fetchTask } from '../../../src/node/decathlon/fetch_task.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { type FileServer, sendFile, withServer } from '../../helpers/file_server.ts';
import { type TarEntry, tarBytes } from '../../helpers/tar_bytes.ts';

const NAME = 'Task02_Heart';
const scan = new Uint8Array(200_000).fill(7);
const json = {
  labels: { 0: 'background', 1: 'left atrium' },
  training: [{ image: './imagesTr/la_003.nii.gz', label: './labelsTr/la_003.nii.gz' }],
  test: ['./imagesTs/la_001.nii.gz'],
};
const ENTRIES: TarEntry[] = [
  { name: `./._${NAME}`, data: 'AppleDouble' },
  { name: `${NAME}/`, type: '5' },
  { name: `${NAME}/dataset.json`, data: JSON.stringify(json) },
  { name: `${NAME}/imagesTr/la_003.nii.gz`, data: scan },
  { name: `${NAME}/labelsTr/la_003.nii.gz`, data: scan },
  { name: `${NAME}/imagesTs/la_001.nii.gz`, data: scan },
];
const ARCHIVE = tarBytes(ENTRIES);

const taskOf = (archive: Uint8Array) => ({
  name: NAME,
  md5: createHash('md5').update(archive).digest('hex'),
  size: 'small',
});

/** A root folder, and a server that has `archive`. */
function withArchive(
  archive: Uint8Array,
  use: (root: string, server: FileServer, fetch: (o?: FetchOptions) => Promise<unknown>) => unknown,
): Promise<void> {
  return inTemporaryFolder((folder) =>
    withServer(
      (request, response) => sendFile(request, response, archive, { etag: '"1"' }),
      async (server) => {
        const root = join(folder, 'data');
        await use(root, server, (options) =>
          fetchTask(taskOf(archive), root, { url: `${server.url}/msd/`, ...options }),
        );
      },
    ),
  );
}

describe('fetchTask', () => {
  test('downloads, verifies and unpacks, in this order, once', () =>
    withArchive(ARCHIVE, async (root, { requests }, fetch) => {
      const stages: string[] = [];
      const done = new Map<string, unknown>();
      const fetched = await fetch({
        onProgress: (stage, bytes, total) => {
          if (stages.at(-1) !== stage) stages.push(stage);
          done.set(stage, [bytes, total]);
        },
      });
      expect(fetched).toEqual({ folder: join(root, NAME), archive: join(root, `${NAME}.tar`) });
      expect(stages).toEqual(['download', 'verify', 'extract']);
      const all = [ARCHIVE.length, ARCHIVE.length];
      expect([...done.values()]).toEqual([all, all, all]);
      expect(requests[0]?.url).toBe(`/msd/${NAME}.tar`);
      expect((await readdir(root)).sort()).toEqual([NAME, `${NAME}.tar`]);
      const image = await readFile(join(root, NAME, 'imagesTr', 'la_003.nii.gz'));
      expect(Buffer.compare(image, scan)).toBe(0);

      expect(await fetch()).toEqual({ folder: join(root, NAME) });
      expect(requests).toHaveLength(1);
    }));

  test('a second fetch at the same time waits, and downloads nothing', () =>
    withArchive(ARCHIVE, async (root, { requests }, fetch) => {
      const warnings: string[] = [];
      const onWarning = (message: string) => warnings.push(message);
      await Promise.all([fetch({ onWarning }), fetch({ onWarning })]);
      expect(requests).toHaveLength(1);
      expect(warnings.join()).toMatch(/waiting for process \d+/);
      expect((await readdir(root)).sort()).toEqual([NAME, `${NAME}.tar`]);
    }));

  test('a wrong download is kept under another name, and named; the next one is fresh', () =>
    withArchive(ARCHIVE, async (root, server) => {
      const other = { ...taskOf(ARCHIVE), md5: 'f'.repeat(32) };
      const fetching = fetchTask(other, root, { url: server.url });
      await expect(fetching).rejects.toThrow(
        new RegExp(`md5 ${taskOf(ARCHIVE).md5}, expected f{32}.*kept as .*\\.tar\\.wrong.*mirror`),
      );
      expect(await readdir(root)).toEqual([`${NAME}.tar.wrong`]);
      await fetchTask(taskOf(ARCHIVE), root, { url: server.url });
      expect((await readdir(root)).sort()).toEqual([NAME, `${NAME}.tar`, `${NAME}.tar.wrong`]);
    }));

  test('an archive that is there is used if it is right, and never touched if not', () =>
    withArchive(ARCHIVE, async (root, { requests }, fetch) => {
      await mkdir(root);
      await writeFile(join(root, `${NAME}.tar`), 'mine');
      await expect(fetch()).rejects.toThrow(/has md5 .*, expected .*Delete it or move it away/);
      expect(await readFile(join(root, `${NAME}.tar`), 'utf8')).toBe('mine');
      await writeFile(join(root, `${NAME}.tar`), ARCHIVE);
      await fetch();
      expect(requests).toHaveLength(0);
      expect((await readdir(root)).sort()).toEqual([NAME, `${NAME}.tar`]);
    }));

  test('a folder in its place is not overwritten, unless it is empty', () =>
    withArchive(ARCHIVE, async (root, { requests }, fetch) => {
      await mkdir(join(root, NAME, 'mine'), { recursive: true });
      await expect(fetch()).rejects.toThrow(/place of the task folder is taken/);
      expect(requests).toHaveLength(0);
      expect(await readdir(join(root, NAME))).toEqual(['mine']);
    }));

  test('an empty folder in its place is no hindrance', () =>
    withArchive(ARCHIVE, async (root, _, fetch) => {
      await mkdir(join(root, NAME), { recursive: true });
      await fetch();
      expect(await readdir(join(root, NAME))).toContain('dataset.json');
    }));

  test.each<[string, TarEntry[], RegExp]>([
    ['no dataset.json', ENTRIES.slice(3), /no Task02_Heart\/dataset\.json/],
    ['a scan less than it lists', ENTRIES.slice(0, -1), /lacks.*imagesTs\/la_001\.nii\.gz/],
    ['a way out', [...ENTRIES, { name: `${NAME}/../x`, data: 'x' }], /leaves its folder/],
    [
      'a link for a folder',
      [...ENTRIES.slice(0, 3), { name: `${NAME}/imagesTr`, type: '2', linkname: '/tmp' }],
      /symlink/,
    ],
  ])('an archive with %s leaves no folder behind', (_, entries, why) =>
    withArchive(tarBytes(entries), async (root, __, fetch) => {
      await expect(fetch()).rejects.toThrow(why);
      expect(await readdir(root)).toEqual([`${NAME}.tar`]);
    }),
  );

  test('an abort while unpacking leaves no folder, and the archive for the next call', () =>
    withArchive(ARCHIVE, async (root, { requests }, fetch) => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const fetching = fetch({
        signal: controller.signal,
        onProgress: (stage) => stage === 'extract' && controller.abort(reason),
      });
      await expect(fetching).rejects.toBe(reason);
      expect(await readdir(root)).toEqual([`${NAME}.tar`]);
      await fetch();
      expect(requests).toHaveLength(1);
    }));

  test('what a killed process left half unpacked is cleared away', () =>
    withArchive(ARCHIVE, async (root, _, fetch) => {
      const left = join(root, `.${NAME}.unpacking`, NAME);
      await mkdir(left, { recursive: true });
      await writeFile(join(left, 'dataset.json'), 'old');
      await fetch();
      expect((await readdir(root)).sort()).toEqual([NAME, `${NAME}.tar`]);
    }));
});
