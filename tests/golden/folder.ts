/** A golden folder on disk. */
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { ReadFile } from './manifest.ts';

/** Reads files of `folder`, and none outside of it. */
export function folderReader(folder: string): ReadFile {
  const root = resolve(folder);
  return (path) => {
    const file = resolve(root, path);
    if (relative(root, file).startsWith('..')) throw new Error(`${path} is outside ${root}`);
    return new Uint8Array(readFileSync(file));
  };
}
