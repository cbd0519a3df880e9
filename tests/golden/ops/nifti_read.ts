import { readNifti } from '../../../src/io/nifti.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const path: string = c.params.path;
  const image = /\.hdr$/.test(path) ? { image: c.file(path.replace(/hdr$/, 'img')) } : {};
  const { data, affine } = readNifti(c.file(path), image);
  return { data: { data }, affine: { data: affine }, torchio_affine: { data: affine } };
};
