import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { parseDatasetJson } from '../../src/io/dataset_json.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { volume } from '../../src/io/volume.ts';
import {
  classNamesOf,
  readDatasetFolder,
  readGrids,
  readSubject,
} from '../../src/node/dataset_folder.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import { writeJsonFile } from '../../src/node/whole_file.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

const blank = (shape: readonly number[]) =>
  volume(
    new Float32Array(shape.reduce((a, b) => a * b, 1)),
    shape,
    fromSpacing([1, 2, 3], [0, 0, 0]),
  );

describe('readGrids', () => {
  test('sizes and spacings are those after reordering, whatever the orientation', async () => {
    await inTemporaryFolder(async (folder) => {
      const codes = ['RAS', 'SPL', 'AIR'];
      const files = [];
      for (const code of codes) {
        const path = join(folder, `${code}.nii.gz`);
        await writeNiftiFile(path, toOrientation(blank([1, 4, 5, 6]), code));
        files.push({ name: code, image: path, label: path });
      }
      for (const { size, spacing } of (await readGrids(files, true)).grids) {
        expect(size).toEqual([4, 5, 6]);
        expect(spacing.map((mm) => Math.round(mm * 1e4) / 1e4)).toEqual([1, 2, 3]);
      }
      expect((await readGrids(files, false)).grids[1]?.size).toEqual([6, 5, 4]);
    });
  });

  test('a label map of another size and images of different channels are refused by name', async () => {
    await inTemporaryFolder(async (folder) => {
      const at = (name: string): string => join(folder, `${name}.nii`);
      await writeNiftiFile(at('a'), blank([1, 4, 4, 4]));
      await writeNiftiFile(at('b'), blank([1, 4, 4, 5]));
      await writeNiftiFile(at('c'), blank([2, 4, 4, 4]));
      const subject = (image: string, label: string) => ({
        name: image,
        image: at(image),
        label: at(label),
      });
      await expect(readGrids([subject('a', 'b')], true)).rejects.toThrow(/'a'.*\[1,4,4,5\]/);
      await expect(readGrids([subject('a', 'a'), subject('c', 'a')], true)).rejects.toThrow(
        /'c' has 2/,
      );
      expect((await readGrids([subject('c', 'a')], true)).channels).toBe(2);
    });
  });
});

test('label maps that claim another place than their image are named', async () => {
  await inTemporaryFolder(async (folder) => {
    const at = (name: string): string => join(folder, `${name}.nii`);
    await writeNiftiFile(at('ras'), blank([1, 4, 4, 4]));
    await writeNiftiFile(at('lps'), toOrientation(blank([1, 4, 4, 4]), 'LPS'));
    const pair = (label: string) => ({ name: label, image: at('ras'), label: at(label) });
    const { displaced } = await readGrids([pair('ras'), pair('lps')], true);
    expect(displaced).toEqual(['lps']);
  });
});

describe('readDatasetFolder', () => {
  test('finds subjects by the names of their images', async () => {
    await inTemporaryFolder(async (folder) => {
      const names = await writeTinyDataset(folder, { subjects: 3, side: 6 });
      const { subjects } = await readDatasetFolder(folder);
      expect(subjects.map(({ name }) => name)).toEqual(names);
      const { image, label } = await readSubject(subjects[0]!, { binary: false, classes: 2 });
      expect(label?.shape).toEqual(image.shape);
    });
  });

  test('refuses two subjects of one name', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { subjects: 1, side: 4 });
      const path = join(folder, 'dataset.json');
      const json = JSON.parse(await readFile(path, 'utf8'));
      json.training.push({ ...json.training[0], image: './other/ball_1_a.nii.gz' });
      await writeJsonFile(path, json);
      await expect(readDatasetFolder(folder)).rejects.toThrow(/'ball_1_a' twice/);
    });
  });
});

test('labels above 0 become one, or must be named', async () => {
  await inTemporaryFolder(async (folder) => {
    await writeTinyDataset(folder, { subjects: 1, side: 8, label: 3 });
    const { subjects } = await readDatasetFolder(folder);
    const { label } = await readSubject(subjects[0]!, { binary: true, classes: 2 });
    expect([...new Set(label?.data)].sort()).toEqual([0, 1]);
    await expect(readSubject(subjects[0]!, { binary: false, classes: 3 })).rejects.toThrow(/Got 3/);
  });
});

test('a label that is no number is refused, by --binary too', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'a.nii');
    const broken = blank([1, 2, 2, 2]);
    broken.data[3] = Number.NaN;
    await writeNiftiFile(path, broken);
    const files = { name: 'a', image: path, label: path };
    await expect(readSubject(files, { binary: true, classes: 2 })).rejects.toThrow(/NaN/);
    await expect(readSubject(files, { binary: false, classes: 2 })).rejects.toThrow(/NaN/);
  });
});

test('class names come from dataset.json; values must count up, unless all are one', () => {
  const json = (labels: Record<string, string>) =>
    parseDatasetJson(JSON.stringify({ labels, training: [] }));
  expect(classNamesOf(json({ 0: 'background', 1: 'a', 2: '' }), false)).toEqual([
    'background',
    'a',
    'label 2',
  ]);
  const gap = json({ 0: 'background', 1: 'a', 3: 'c' });
  expect(() => classNamesOf(gap, false)).toThrow(/has 1, 3\. .*--binary/);
  expect(classNamesOf(gap, true)).toEqual(['background', 'foreground']);
  expect(classNamesOf(json({ 0: 'background', 1: 'a', 2: 'b' }), true)).toEqual([
    'background',
    'foreground',
  ]);
  expect(classNamesOf(json({ 1: 'tumour' }), true)).toEqual(['background', 'tumour']);
});
