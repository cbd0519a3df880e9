import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, FormatError } from '../../src/errors.ts';
import { readDatasetFolder } from '../../src/node/dataset_folder.ts';
import { medDataset } from '../../src/node/med_dataset.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

describe('medDataset', () => {
  test('threads find what a single thread finds, whatever their number', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { subjects: 5, side: 8, label: 2 });
      const imgList = (await readDatasetFolder(folder)).subjects.map(({ label }) => label);
      const options = { imgList, dtype: 'mask', applyReorder: true } as const;
      const alone = await medDataset({ ...options, maxWorkers: 1 });
      expect(alone.rows.map(({ path }) => path)).toEqual(imgList);
      for (const maxWorkers of [2, 3]) {
        expect((await medDataset({ ...options, maxWorkers })).rows).toEqual(alone.rows);
      }
      expect(alone.readable()[0]?.labelVolumes?.get(2)).toBeGreaterThan(0);
      expect(alone.getSuggestion().targetSpacing).toEqual([1, 1.5, 2]);
    });
  });

  test.each([1, 2])('files that cannot be read are rows (%i threads)', async (maxWorkers) => {
    await inTemporaryFolder(async (folder) => {
      const names = await writeTinyDataset(folder, { subjects: 3, side: 8 });
      const at = (name: string): string => join(folder, 'imagesTr', `${name}.nii.gz`);
      const bytes = await readFile(at(names[1]!));
      await writeFile(at(names[1]!), bytes.subarray(0, bytes.length >> 1));
      await writeFile(at('empty'), '');
      const imgList = [...names.map(at), at('empty'), at('missing')];
      const warnings: string[] = [];
      const progress: number[] = [];
      const dataset = await medDataset({
        imgList,
        applyReorder: true,
        maxWorkers,
        onWarning: (line) => warnings.push(line),
        onProgress: (done, total) => progress.push(done / total),
      });
      expect(dataset.rows.map((row) => 'error' in row)).toEqual([false, true, false, true, true]);
      expect(dataset.unreadable()[2]).toEqual({
        path: at('missing'),
        error: expect.stringMatching(/^readNiftiFile: .*ENOENT/),
      });
      expect(warnings).toHaveLength(3);
      expect(warnings.join('\n')).toContain(`${at('empty')}: `);
      expect(progress).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    });
  });

  test('a folder is taken by the names of its files, a table by its column of paths', async () => {
    await inTemporaryFolder(async (folder) => {
      const names = await writeTinyDataset(folder, { subjects: 3, side: 6 });
      const path = join(folder, 'imagesTr');
      await writeFile(join(path, 'notes.txt'), 'no scan');
      await writeFile(join(path, '.hidden.nii.gz'), 'no scan');
      const byFolder = await medDataset({ path, postfix: '.nii.gz', applyReorder: true });
      const paths = names.map((name) => join(path, `${name}.nii.gz`)).sort();
      expect(byFolder.rows.map((row) => row.path)).toEqual(paths);
      const column = (maskCol: string) => paths.map((file) => ({ id: 1, [maskCol]: file }));
      const options = { applyReorder: true };
      const byDefault = await medDataset({ records: column('mask_path'), ...options });
      expect(byDefault.rows).toEqual(byFolder.rows);
      const named = await medDataset({ records: column('scan'), maskCol: 'scan', ...options });
      expect(named.rows).toEqual(byFolder.rows);
      const one = await medDataset({ imgList: paths.slice(0, 1), path, records: [], ...options });
      expect(one.rows).toHaveLength(1);
      await expect(medDataset({ records: column('scan') })).rejects.toThrow(
        /'mask_path'.*id, scan/,
      );
    });
  });

  test('headers alone have no intensities, and damage behind them is not seen', async () => {
    await inTemporaryFolder(async (folder) => {
      const [name] = await writeTinyDataset(folder, { subjects: 1, side: 16 });
      const path = join(folder, 'imagesTr', `${name}.nii.gz`);
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, bytes.length - 100));
      const [row] = (await medDataset({ imgList: [path], headersOnly: true })).readable();
      expect(row?.dim).toEqual([16, 16, 16]);
      expect(row?.intensities).toBeUndefined();
    });
  });

  test('mixed orientations need reordering', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { subjects: 2, side: 6 });
      const path = join(folder, 'imagesTr');
      await expect(medDataset({ path })).rejects.toThrow(ConfigError);
      expect((await medDataset({ path, applyReorder: true })).rows).toHaveLength(2);
    });
  });

  test('an aborted analysis stops, in threads or without', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { subjects: 2, side: 6 });
      const signal = AbortSignal.abort(new Error('stopped'));
      for (const maxWorkers of [1, 2]) {
        const options = { path: join(folder, 'imagesTr'), applyReorder: true, maxWorkers, signal };
        await expect(medDataset(options)).rejects.toThrow('stopped');
      }
    });
  });

  test('no files, no folder, no threads', async () => {
    await inTemporaryFolder(async (folder) => {
      await expect(medDataset({})).rejects.toThrow(ConfigError);
      await expect(medDataset({ path: join(folder, 'none') })).rejects.toThrow(FormatError);
      await expect(medDataset({ imgList: ['a'], maxWorkers: 0 })).rejects.toThrow(ConfigError);
      await mkdir(join(folder, 'empty'));
      const warnings: string[] = [];
      const onWarning = (line: string) => warnings.push(line);
      const dataset = await medDataset({ path: join(folder, 'empty'), onWarning });
      expect(dataset.rows).toEqual([]);
      expect(warnings).toEqual([expect.stringContaining('no files')]);
    });
  });
});
