import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { evaluationContext } from '../../src/node/evaluation_context.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

test('dataset.json beside the label maps names labels and scans', async () => {
  await inTemporaryFolder(async (folder) => {
    const labels = { 0: 'background', 1: 'ball', 2: 'shell' };
    await writeTinyDataset(folder, { subjects: 2, side: 8, labels });
    const context = await evaluationContext({ labels: join(folder, 'labelsTr') });
    expect([...context.classNames!]).toEqual([
      [1, 'ball'],
      [2, 'shell'],
    ]);
    expect(context.images.get('ball_1_b')).toBe(join(folder, 'imagesTr/ball_1_b.nii.gz'));
    // Other label maps are not those that dataset.json pairs with scans.
    await mkdir(join(folder, 'labelsTs'));
    expect((await evaluationContext({ labels: join(folder, 'labelsTs') })).images.size).toBe(0);
    await rm(join(folder, 'imagesTr/ball_1_b.nii.gz'));
    const left = await evaluationContext({ labels: join(folder, 'labelsTr') });
    expect([...left.images.keys()]).toEqual(['ball_1_a']);
  });
});

test('a folder of scans wins; one that is not there is an error', async () => {
  await inTemporaryFolder(async (folder) => {
    await writeTinyDataset(folder, { subjects: 2, side: 8 });
    const labels = join(folder, 'labelsTr');
    const { images } = await evaluationContext({ labels, images: labels });
    expect(images.get('ball_1_a')).toBe(join(labels, 'ball_1_a.nii.gz'));
    const missing = evaluationContext({ labels, images: join(folder, 'no') });
    await expect(missing).rejects.toThrow(FormatError);
  });
});

test('without dataset.json nothing is known, and a broken one is only warned of', async () => {
  await inTemporaryFolder(async (folder) => {
    const warnings: string[] = [];
    const options = {
      labels: join(folder, 'labels'),
      onWarning: (message: string) => warnings.push(message),
    };
    expect(await evaluationContext(options)).toEqual({ images: new Map(), facts: [] });
    expect(warnings).toEqual([]);
    await writeFile(join(folder, 'dataset.json'), '{');
    expect((await evaluationContext(options)).classNames).toBe(undefined);
    expect(warnings.join()).toContain('dataset.json is left out');
  });
});
