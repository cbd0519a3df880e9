import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';

const isInside = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
};

/**
 * The real path of a file that lies in one of the folders once all links are resolved; undefined for
 * any other, and for one that is not there. A folder may itself be a link.
 */
export async function containedFile(
  path: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return undefined;
  for (const folder of folders) {
    const home = await realpath(folder).catch(() => undefined);
    if (home !== undefined && isInside(real, home)) return real;
  }
  return undefined;
}
