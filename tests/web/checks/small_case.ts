/** A scan that a test makes itself, with its label map and a model that finds what is in it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityModelFile } from '../../helpers/identity_model.ts';
import { writeTinyDataset } from '../../helpers/tiny_dataset.ts';
import type { TestFile } from '../driver.ts';

export interface SmallCase {
  readonly scan: TestFile;
  readonly label: TestFile;
  readonly model: TestFile;
}

export async function smallCase(): Promise<SmallCase> {
  const folder = await mkdtemp(join(tmpdir(), 'voxgrad-web-'));
  try {
    const [name] = await writeTinyDataset(folder, { subjects: 1, side: 20 });
    const fileName = `${name}.nii.gz`;
    const read = async (part: string): Promise<TestFile> => ({
      name: fileName,
      bytes: await readFile(join(folder, part, fileName)),
    });
    return {
      scan: await read('imagesTr'),
      label: await read('labelsTr'),
      model: {
        name: 'balls.safetensors',
        bytes: identityModelFile({ patchSize: [16, 16, 16] }, 50),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
