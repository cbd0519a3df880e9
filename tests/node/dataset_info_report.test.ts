import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { datasetInfo } from '../../src/node/dataset_info.ts';
import { datasetInfoJson, datasetInfoText } from '../../src/node/dataset_info_report.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

test('people get tables, machines the same and a row per file', async () => {
  await inTemporaryFolder(async (folder) => {
    const names = await writeTinyDataset(folder, { subjects: 3, side: 40 });
    await writeFile(join(folder, 'imagesTr', `${names[2]}.nii.gz`), 'no scan');
    const info = await datasetInfo(folder);
    const text = datasetInfoText(info);
    expect(text).toContain('Balls: 3 images, 3 label maps, 1 unreadable');
    expect(text).toMatch(/40 × 40 × 40 +1 × 1\.5 × 2 +RAS\+ +2 +ball_1_a\.nii\.gz/);
    expect(text).toContain('stored as LPS+ (1), RAS+ (1)');
    expect(text).toMatch(/voxels at 1 × 1\.5 × 2 mm +i +j +k\n +median +40 +40 +40/);
    expect(text).toMatch(/1 ball +3 of 3 +\d+ +\d+ +\d+/);
    expect(text).toMatch(/MRI +-?[\d.]+ \(-?[\d.]+ to -?[\d.]+\)/);
    expect(text).toContain(`${names[2]}.nii.gz: readNifti: not a NIfTI file`);
    expect(text).toMatch(/patchSize +32 × 32 × 32 voxels/);
    const json = JSON.parse(JSON.stringify(datasetInfoJson(info)));
    expect(json).toMatchObject({
      name: 'Balls',
      images: 3,
      labelMaps: 3,
      orientations: { 'LPS+': 1, 'RAS+': 1 },
      suggestion: { targetSpacing: [1, 1.5, 2], patchSize: [32, 32, 32], applyReorder: true },
      sizes: { count: 2, median: [40, 40, 40] },
    });
    expect(json.files).toHaveLength(6);
    expect(json.unreadable).toEqual([json.files[2]]);
    expect(json.files[3].labelVolumes['1']).toBe(json.files[3].labelVolumes[1]);
    expect(json.files[3].labelVolumes['1']).toBeGreaterThan(0);
  });
});

test('without voxels the tables of labels and intensities are left out', async () => {
  await inTemporaryFolder(async (folder) => {
    await writeTinyDataset(folder, { subjects: 2, side: 8 });
    const text = datasetInfoText(await datasetInfo(folder, { headersOnly: true }));
    expect(text).not.toContain('label, mm³');
    expect(text).not.toContain('intensities');
  });
});
