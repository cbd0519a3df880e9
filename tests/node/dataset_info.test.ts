import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { datasetInfo } from '../../src/node/dataset_info.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

const blank = (shape: readonly number[], voxel = 1) =>
  volume(
    new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(7),
    shape,
    fromSpacing([voxel, 1, 1]),
  );

/** What it warns of. */
async function warningsOf(folder: string): Promise<string[]> {
  const warnings: string[] = [];
  await datasetInfo(folder, { onWarning: (line) => warnings.push(line) });
  return warnings;
}

describe('datasetInfo', () => {
  test('finds grids, orientations, labels and intensities of a task folder', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, {
        subjects: 4,
        side: 40,
        labels: { 0: 'background', 1: 'ball' },
      });
      const progress: string[] = [];
      const info = await datasetInfo(folder, {
        onProgress: (done, total) => progress.push(`${done}/${total}`),
      });
      expect(info.name).toBe('Balls');
      expect(info.orientations).toEqual([
        ['RAS+', 2],
        ['LPS+', 1],
        ['PIR+', 1],
      ]);
      expect(info.images.summary()).toEqual([
        expect.objectContaining({ dim: [40, 40, 40], voxel: [1, 1.5, 2], total: 4 }),
      ]);
      expect(info.suggestion).toEqual({
        targetSpacing: [1, 1.5, 2],
        patchSize: [32, 32, 32],
        applyReorder: true,
      });
      expect(info.labels).toHaveLength(1);
      const [ball] = info.labels;
      expect(ball).toMatchObject({ value: 1, name: 'ball', files: 4 });
      // A ball of radius 10 voxels of 3 mm³.
      expect(ball!.volume.median / ((4 / 3) * Math.PI * 1000 * 3)).toBeCloseTo(1, 1);
      expect(info.intensities).toHaveLength(1);
      expect(info.intensities[0]).toMatchObject({ name: 'MRI', nonFinite: 0 });
      expect(info.intensities[0]?.max.median).toBeGreaterThan(100);
      expect(progress.at(-1)).toBe('8/8');
    });
  });

  test('takes a folder of scans too, at a spacing of choice', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeNiftiFile(join(folder, 'a.nii.gz'), blank([1, 40, 40, 40]));
      await writeNiftiFile(join(folder, 'b.nii'), blank([1, 60, 40, 40]));
      const info = await datasetInfo(folder, { targetSpacing: [0.5, 1, 1] });
      expect(info.labelMaps).toBeUndefined();
      expect(info.labels).toEqual([]);
      expect(info.sizes.median).toEqual([100, 40, 40]);
      expect(info.suggestion.patchSize).toEqual([96, 32, 32]);
    });
  });

  test('a file that cannot be read is a row, all of them are an error', async () => {
    await inTemporaryFolder(async (folder) => {
      const [name] = await writeTinyDataset(folder, { subjects: 2, side: 8 });
      await writeFile(join(folder, 'labelsTr', `${name}.nii.gz`), 'no scan');
      const info = await datasetInfo(folder);
      expect(info.labelMaps?.unreadable()).toHaveLength(1);
      expect(info.labels[0]?.files).toBe(1);
      await rm(join(folder, 'imagesTr'), { recursive: true });
      await expect(datasetInfo(folder)).rejects.toThrow(/nothing to analyse/);
    });
  });

  test('warns of pairs that do not fit, labels without a name, and spacings that nobody shares', async () => {
    await inTemporaryFolder(async (folder) => {
      const [name] = await writeTinyDataset(folder, { subjects: 3, side: 48, label: 5 });
      const warnings = await warningsOf(folder);
      expect(warnings).toEqual([expect.stringContaining('does not name the labels 5')]);
      await writeNiftiFile(join(folder, 'labelsTr', `${name}.nii.gz`), blank([1, 48, 48, 47]));
      expect(await warningsOf(folder)).toContainEqual(
        expect.stringMatching(/differ in size in 1 subjects.*'ball_1_a'/),
      );
    });
    await inTemporaryFolder(async (folder) => {
      for (const voxel of [1, 1.1, 1.3, 1.4, 1.7]) {
        await writeNiftiFile(join(folder, `${voxel}.nii`), blank([1, 48, 48, 48], voxel));
      }
      expect(await warningsOf(folder)).toEqual([expect.stringContaining('1.3 × 1 × 1 mm')]);
    });
  });

  test('a folder without scans is refused', async () => {
    await inTemporaryFolder(async (folder) => {
      await expect(datasetInfo(folder)).rejects.toThrow(/neither a dataset.json nor NIfTI/);
      await writeTinyDataset(folder, { subjects: 1, side: 6 });
      const json = JSON.parse(await readFile(join(folder, 'dataset.json'), 'utf8'));
      await writeFile(join(folder, 'dataset.json'), JSON.stringify({ ...json, training: [] }));
      await expect(datasetInfo(folder)).rejects.toThrow(/no labelled subjects/);
    });
  });
});
