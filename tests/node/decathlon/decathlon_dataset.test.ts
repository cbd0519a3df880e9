import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type DecathlonSection,
  decathlonDataset,
} from '../../../src/node/decathlon/decathlon_dataset.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { withServer } from '../../helpers/file_server.ts';

const NAME = 'Task02_Heart';
const names = Array.from({ length: 20 }, (_, n) => `la_${String(n).padStart(3, '0')}`);

async function writeHearts(root: string): Promise<void> {
  await mkdir(join(root, NAME), { recursive: true });
  const json = {
    labels: { 0: 'background', 1: 'left atrium' },
    training: names.map((name) => ({
      image: `./imagesTr/${name}.nii.gz`,
      label: `./labelsTr/${name}.nii.gz`,
    })),
    test: ['./imagesTs/la_101.nii.gz', './imagesTs/la_100.nii.gz'],
  };
  await writeFile(join(root, NAME, 'dataset.json'), JSON.stringify(json));
}

describe('decathlonDataset', () => {
  test('gives MONAI’s sections in MONAI’s order, with absolute paths', () =>
    inTemporaryFolder(async (root) => {
      await writeHearts(root);
      const at = relative(process.cwd(), root);
      const training = await decathlonDataset({ root: at, task: NAME, section: 'training' });
      const validation = await decathlonDataset({ root: at, task: '2', section: 'validation' });
      const index = ({ name }: { name: string }) => names.indexOf(name);
      expect(training.map(index)).toEqual([10, 17, 6, 13, 4, 2, 5, 14, 9, 7, 16, 11, 3, 0, 15, 12]);
      expect(validation.map(index)).toEqual([18, 1, 19, 8]);
      expect(training[0]).toEqual({
        name: 'la_010',
        image: join(root, NAME, 'imagesTr', 'la_010.nii.gz'),
        label: join(root, NAME, 'labelsTr', 'la_010.nii.gz'),
      });
    }));

  test('test scans have no labels and keep their order', () =>
    inTemporaryFolder(async (root) => {
      await writeHearts(root);
      expect(await decathlonDataset({ root, task: 'heart', section: 'test' })).toEqual([
        { name: 'la_101', image: join(root, NAME, 'imagesTs', 'la_101.nii.gz') },
        { name: 'la_100', image: join(root, NAME, 'imagesTs', 'la_100.nii.gz') },
      ]);
    }));

  test('share and seed of the split can be chosen', () =>
    inTemporaryFolder(async (root) => {
      await writeHearts(root);
      const options = { root, task: NAME, section: 'validation' } as const;
      expect(await decathlonDataset({ ...options, valFrac: 0.49 })).toHaveLength(9);
      expect(await decathlonDataset({ ...options, valFrac: 0 })).toHaveLength(0);
      const seeded = await decathlonDataset({ ...options, seed: 1 });
      expect(seeded).not.toEqual(await decathlonDataset(options));
    }));

  test('a task that is not there asks for download; a section that is not, for another', () =>
    inTemporaryFolder(async (root) => {
      const options = { root, task: NAME, section: 'training' as DecathlonSection };
      await expect(decathlonDataset(options)).rejects.toThrow(/download: true/);
      expect(await readdir(root)).toEqual([]);
      await writeHearts(root);
      const section = 'train' as DecathlonSection;
      await expect(decathlonDataset({ ...options, section })).rejects.toThrow(/Got 'train'/);
      await expect(decathlonDataset({ ...options, task: 'x' })).rejects.toThrow(/no such task/);
      await expect(decathlonDataset({ ...options, valFrac: 2 })).rejects.toThrow(/fraction/);
    }));

  test('what is there is not downloaded; what a mirror sends must have the task’s checksum', () =>
    inTemporaryFolder((root) =>
      withServer(
        (_, response) => response.end('not the hearts'),
        async ({ url, requests }) => {
          const options = { root, task: NAME, section: 'training', download: true, url } as const;
          await expect(decathlonDataset(options)).rejects.toThrow(
            /expected 06ee59366e1e5124267b774dbd654057/,
          );
          expect(await readdir(root)).toEqual([`${NAME}.tar.wrong`]);
          await writeHearts(root);
          expect(await decathlonDataset(options)).toHaveLength(16);
          expect(requests).toHaveLength(1);
        },
      ),
    ));
});
