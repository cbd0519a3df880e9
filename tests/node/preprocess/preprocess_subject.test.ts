import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromSpacing } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { readNiftiFile, writeNiftiFile } from '../../../src/node/nifti_file.ts';
import { preprocessSubject } from '../../../src/node/preprocess/preprocess_subject.ts';
import type { Preprocessing } from '../../../src/patch/preprocessing.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';

const NOTHING: Preprocessing = {
  applyReorder: true,
  targetSpacing: null,
  transforms: [],
  minimumSize: null,
  paddingMode: 0,
};

/** Preprocesses an image of ramps with the label values given. */
function preprocess(
  labels: readonly number[],
  preprocessing: Preprocessing,
  check: (result: unknown, out: string) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const shape = [1, 2, 2, 2] as const;
    const grid = (data: Float32Array) => volume(data, shape, fromSpacing([1, 1, 1]));
    const [image, label] = [join(folder, 'image.nii'), join(folder, 'label.nii')];
    await writeNiftiFile(image, grid(Float32Array.from({ length: 8 }, (_, n) => n)));
    await writeNiftiFile(label, grid(Float32Array.from({ length: 8 }, (_, n) => labels[n] ?? 0)));
    const out = join(folder, 'out');
    const files = { name: 'x', image, label };
    const paths = { image: join(out, 'image.nii.gz'), label: join(out, 'label.nii.gz') };
    await check(await preprocessSubject({ files, out: paths, preprocessing }), out);
  });
}

describe('preprocessSubject', () => {
  test.each([
    [[1, 2, 255], 'uint8'],
    [[1, 256], 'uint16'],
    [[1, 70_000], 'float32'],
    [[0.5], 'float32'],
    [[Number.NaN], 'float32'],
    [[-1], 'float32'],
  ])('label values %j are stored as %s, unchanged', (labels, datatype) =>
    preprocess(labels, NOTHING, async (_, out) => {
      const { header, data } = await readNiftiFile(join(out, 'label.nii.gz'));
      expect(header.datatype).toBe(datatype);
      expect([...data].slice(0, labels.length)).toEqual(labels);
    }),
  );

  test('answers with the sizes of the files', () =>
    preprocess([1], NOTHING, async (result, out) => {
      expect(result).toEqual({ image: expect.any(Number), label: expect.any(Number) });
      expect(await readdir(out)).toEqual(['image.nii.gz', 'label.nii.gz']);
    }));

  test('or with what is wrong, and writes nothing', () =>
    preprocess([1], { ...NOTHING, targetSpacing: [-1, 1, 1] }, async (result, out) => {
      expect(result).toEqual({ error: expect.stringMatching(/spacing must be /) });
      await expect(readdir(out)).rejects.toThrow(/ENOENT/);
    }));
});
