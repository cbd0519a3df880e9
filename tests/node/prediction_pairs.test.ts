import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { pairPredictions } from '../../src/node/prediction_pairs.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

/** Calls `use` with two folders of empty files of these names. */
async function withFiles(
  predictions: readonly string[],
  labels: readonly string[],
  use: (predictions: string, labels: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const folders = { predictions: join(folder, 'p'), labels: join(folder, 'l') };
    await mkdir(folders.predictions);
    await mkdir(folders.labels);
    for (const name of predictions) await writeFile(join(folders.predictions, name), '');
    for (const name of labels) await writeFile(join(folders.labels, name), '');
    await use(folders.predictions, folders.labels);
  });
}

describe('pairPredictions', () => {
  test('pairs by name, sorted, .nii with .nii.gz, and ignores what is no NIfTI', async () => {
    await withFiles(
      ['b_pred.nii', 'a_pred.nii.gz', 'metrics.csv', '._a_pred.nii.gz'],
      ['a.nii.gz', 'b.nii.gz', '._a.nii.gz'],
      async (p, l) => {
        expect(await pairPredictions(p, l)).toEqual([
          { name: 'a', prediction: join(p, 'a_pred.nii.gz'), label: join(l, 'a.nii.gz') },
          { name: 'b', prediction: join(p, 'b_pred.nii'), label: join(l, 'b.nii.gz') },
        ]);
      },
    );
  });

  test('a name that ends in _pred itself is still found', async () => {
    await withFiles(['x_pred_pred.nii.gz'], ['x_pred.nii.gz'], async (p, l) => {
      expect((await pairPredictions(p, l)).map(({ name }) => name)).toEqual(['x_pred']);
    });
  });

  test.each([
    [['a_pred.nii.gz'], ['b.nii.gz'], {}, /lacks a /],
    [['a_pred.nii.gz'], ['a.nii.gz', 'b.nii.gz'], {}, /lacks b_pred /],
    [['a.nii.gz'], ['a.nii.gz'], {}, /no predictions/],
    [['a_pred.nii.gz'], ['a.nii.gz', 'b.nii.gz'], { names: ['b'] }, /lacks b_pred/],
    [['a_pred.nii', 'a_pred.nii.gz'], ['a.nii.gz'], {}, /twice/],
  ])('%j with %j and %j is refused', async (predictions, labels, options, message) => {
    await withFiles(predictions, labels, async (p, l) => {
      await expect(pairPredictions(p, l, options)).rejects.toThrow(message);
      await expect(pairPredictions(p, l, options)).rejects.toThrow(FormatError);
    });
  });

  test('a subset and named cases leave the others out', async () => {
    await withFiles(['a_pred.nii', 'b_pred.nii'], ['a.nii', 'b.nii', 'c.nii'], async (p, l) => {
      expect((await pairPredictions(p, l, { subset: true })).length).toBe(2);
      expect((await pairPredictions(p, l, { names: ['b'] })).map(({ name }) => name)).toEqual([
        'b',
      ]);
    });
  });
});
