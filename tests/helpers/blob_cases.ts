import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingCase } from '../../src/browser/training_data.ts';

/** The cases of a Decathlon folder as a page has them. */
export function blobCases(dir: string, names: readonly string[]): Promise<TrainingCase[]> {
  const blob = async (folder: string, name: string): Promise<Blob> =>
    new Blob([await readFile(join(dir, folder, `${name}.nii.gz`))]);
  return Promise.all(
    names.map(async (name) => ({
      name,
      image: await blob('imagesTr', name),
      label: await blob('labelsTr', name),
    })),
  );
}
