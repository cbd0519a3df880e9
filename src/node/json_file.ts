import { readFile } from 'node:fs/promises';
import { FormatError } from '../errors.ts';

/** A parsed JSON file. Throws FormatError with the path for a missing file or broken JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new FormatError(
      `${path}: readJsonFile: no readable JSON. ${(error as Error).message}. Check the path and the text there.`,
      { cause: error },
    );
  }
}
