import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { spacingOf } from '../../../src/io/affine.ts';
import { readNifti } from '../../../src/io/nifti.ts';
import { writeDemoDataset } from '../../../src/node/demo/demo_dataset.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'voxgrad-demo-'));
});
afterEach(() => rm(dir, { recursive: true }));

it('writes the Decathlon layout, and its dataset.json names every file', async () => {
  const progress: number[] = [];
  const onProgress = (done: number) => progress.push(done);
  await writeDemoDataset(dir, { training: 2, unseen: 1, onProgress });
  const json = JSON.parse(await readFile(join(dir, 'dataset.json'), 'utf8'));
  expect(json).toMatchObject({ numTraining: 2, numTest: 1, labels: { '1': 'left atrium' } });
  expect(json.test).toEqual(['./imagesTs/demo_003.nii.gz']);
  expect(await readdir(join(dir, 'labelsTs'))).toEqual(['demo_003.nii.gz']);
  expect(progress).toEqual([1, 2, 3]);
  const spacings = new Set<string>();
  for (const { image, label } of json.training) {
    const scan = readNifti(await readFile(join(dir, image)));
    const mask = readNifti(await readFile(join(dir, label)));
    expect(mask.shape).toEqual(scan.shape);
    expect(mask.affine).toEqual(scan.affine);
    expect(new Set(mask.data)).toEqual(new Set([0, 1]));
    expect(Math.min(...scan.shape.slice(1))).toBeGreaterThanOrEqual(36);
    expect(Math.max(...scan.shape.slice(1))).toBeLessThanOrEqual(68);
    spacings.add(String(spacingOf(scan.affine)));
  }
  expect(spacings.size).toBe(2);
});

it('the same seed gives the same bytes, another seed others', async () => {
  const bytes = async (name: string, seed: number) => {
    await writeDemoDataset(join(dir, name), { training: 2, unseen: 0, seed });
    return readFile(join(dir, name, 'imagesTr', 'demo_002.nii.gz'));
  };
  const first = await bytes('a', 1);
  expect(first.equals(await bytes('b', 1))).toBe(true);
  expect(first.equals(await bytes('c', 2))).toBe(false);
});

it('refuses a set without enough subjects to train and validate on', async () => {
  await expect(writeDemoDataset(dir, { training: 1 })).rejects.toThrow('two training subjects');
});
