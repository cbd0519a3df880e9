import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { caseName, imagePaths, niftiFiles } from '../../src/node/nifti_names.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

test('a case is named after its file without .nii or .nii.gz', () => {
  expect(['a/b.nii.gz', 'b.NII', 'b.c.nii.gz', 'b.mha'].map(caseName)).toEqual([
    'b',
    'b',
    'b.c',
    'b.mha',
  ]);
});

test('inputs keep their order, folders are sorted and not searched deeper', async () => {
  await inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'scans/deep'), { recursive: true });
    for (const name of [
      'z.nii',
      'scans/b.nii',
      'scans/a.nii.gz',
      'scans/._a.nii.gz',
      'scans/a.txt',
      'scans/deep/c.nii',
    ]) {
      await writeFile(join(folder, name), '');
    }
    const images = await imagePaths([join(folder, 'z.nii'), join(folder, 'scans')]);
    expect([...images.keys()]).toEqual(['z', 'a', 'b']);
    await expect(imagePaths([join(folder, 'scans/deep'), join(folder, 'none')])).rejects.toThrow(
      /none/,
    );
    await expect(imagePaths([join(folder, 'z.nii'), join(folder, 'z.nii')])).rejects.toThrow(
      FormatError,
    );
    await expect(niftiFiles(join(folder, 'nowhere'))).rejects.toThrow(FormatError);
    await mkdir(join(folder, 'empty'));
    await expect(imagePaths([join(folder, 'empty')])).rejects.toThrow(/no images/);
  });
});
