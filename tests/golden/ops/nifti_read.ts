import { join } from 'node:path';
import { readNiftiFile } from '../../../src/node/nifti_file.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = async (c) => {
  const { data, affine } = await readNiftiFile(join(c.dir, c.params.path));
  return { data: { data }, affine: { data: affine }, torchio_affine: { data: affine } };
};
