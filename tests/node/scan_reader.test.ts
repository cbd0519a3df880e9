import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { volume } from '../../src/io/volume.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import { ScanReader } from '../../src/node/scan_reader.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { preprocessingOf } from '../../src/patch/preprocessing.ts';
import { prepareScan } from '../../src/train/patch_inference.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { randomArray } from '../helpers/random.ts';

const preprocessing = preprocessingOf(
  patchConfig({
    patchSize: [8, 8, 8],
    targetSpacing: [1, 1, 1],
    normalization: [{ name: 'ZNormalization', params: {} }],
  }),
);

test('a scan comes back as it would without a thread; what is wrong with a file names it', async () => {
  await inTemporaryFolder(async (folder) => {
    const shape = [1, 9, 8, 5] as const;
    const scan = toOrientation(volume(randomArray(shape, 1), shape, fromSpacing([1, 2, 1])), 'LIP');
    const path = join(folder, 'scan.nii.gz');
    await writeNiftiFile(path, scan);
    const broken = join(folder, 'broken.nii.gz');
    await writeFile(broken, 'no image');
    const reader = new ScanReader();
    try {
      const read = await reader.read({ path, name: 'scan', preprocessing });
      expect(read.scan).toEqual(prepareScan(scan, preprocessing, 'scan'));
      expect(read.header.shape).toEqual(scan.shape);
      expect(read.seconds.read).toBeGreaterThan(0);
      const failure = reader.read({ path: broken, name: 'broken', preprocessing });
      await expect(failure).rejects.toThrow(FormatError);
      await expect(failure).rejects.toThrow(broken);
      const random = { ...preprocessing, transforms: [{ name: 'RandomFlip', params: {} }] };
      await expect(reader.read({ path, name: 'scan', preprocessing: random })).rejects.toThrow(
        'a random transform',
      );
      // The thread is none the worse for it.
      await expect(reader.read({ path, name: 'scan', preprocessing })).resolves.toEqual({
        ...read,
        seconds: expect.anything(),
      });
      const stop = new AbortController();
      const reading = reader.read({ path, name: 'scan', preprocessing }, stop.signal);
      stop.abort(new Error('changed my mind'));
      await expect(reading).rejects.toThrow('changed my mind');
    } finally {
      await reader.close();
    }
  });
});
