/** NIfTI files of a folder, by the names that people give cases. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FormatError } from '../errors.ts';
import { caseOf } from '../io/nifti_names.ts';

const ENDING = /\.nii(\.gz)?$/i;

/** Whether a file name is that of a NIfTI image; `._x.nii.gz`, which macOS leaves on foreign disks, is not. */
export function isNiftiName(name: string): boolean {
  return ENDING.test(name) && !name.startsWith('.');
}

/** `dir/heart_01.nii.gz` -> `heart_01` */
export function caseName(path: string): string {
  return caseOf(basename(path));
}

/**
 * Paths of a folder's NIfTI files by case name, sorted by name; folders inside are not searched.
 *
 * @throws FormatError if the folder cannot be read, or holds a case twice (.nii and .nii.gz)
 */
export async function niftiFiles(folder: string): Promise<Map<string, string>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw new FormatError(
      `niftiFiles: the folder cannot be read. ${(error as Error).message}. Check the path.`,
      { cause: error },
    );
  }
  const files = new Map<string, string>();
  for (const name of names.filter(isNiftiName).sort()) {
    const path = join(folder, name);
    const other = files.get(caseName(name));
    if (other !== undefined) {
      throw new FormatError(
        `niftiFiles: a case is there twice. Got ${other} and ${path}. Remove one of them.`,
      );
    }
    files.set(caseName(name), path);
  }
  return files;
}

/**
 * Images of a list of files and folders, in that order, folders sorted by name.
 *
 * @throws FormatError for a missing path, a folder without images, or two images with one name
 */
export async function imagePaths(inputs: readonly string[]): Promise<Map<string, string>> {
  const images = new Map<string, string>();
  for (const input of inputs) {
    const facts = await stat(input).catch((error: Error) => {
      throw new FormatError(
        `imagePaths: no such input. ${error.message}. Pass NIfTI files or folders of them.`,
        { cause: error },
      );
    });
    const found = facts.isDirectory()
      ? await niftiFiles(input)
      : new Map([[caseName(input), input]]);
    if (found.size === 0) {
      throw new FormatError(
        `imagePaths: no images in ${input}. It holds no .nii or .nii.gz. Pass a folder of NIfTI files.`,
      );
    }
    for (const [name, path] of found) {
      const other = images.get(name);
      if (other !== undefined) {
        throw new FormatError(
          `imagePaths: two inputs have one name, so their predictions would too. Got ${other} and ${path}. Predict them into different folders.`,
        );
      }
      images.set(name, path);
    }
  }
  return images;
}
