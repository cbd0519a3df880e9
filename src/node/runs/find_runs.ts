/** Run folders below a folder. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../errors.ts';

/** Deeper folders are not searched. */
const MAX_DEPTH = 6;

/** A settings file alone may be anyone's; beside one of these it is a run's, and so they without it. */
const RECORDS = ['history.json', 'status.json', 'split.json', 'kernels.json', 'model.safetensors'];

function isRun(names: ReadonlySet<string>): boolean {
  const records = RECORDS.filter((name) => names.has(name)).length;
  return names.has('config.json') ? records > 0 : names.has('history.json') && records > 1;
}

/**
 * Ids of the runs: paths below `root` with forward slashes, sorted; '.' where `root` is a run itself.
 * Links, hidden folders and node_modules are not followed, and folders that may not be read are
 * left out.
 *
 * @throws ConfigError if `root` itself cannot be read
 */
export async function findRuns(root: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (id: string, depth: number): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(join(root, id), { withFileTypes: true });
    } catch (error) {
      if (id !== '.') return;
      throw new ConfigError(
        `findRuns: the folder cannot be read. ${(error as Error).message}. Pass the folder that train --out writes to, or one above it.`,
        { cause: error },
      );
    }
    if (isRun(new Set(entries.filter((e) => !e.isDirectory()).map(({ name }) => name)))) {
      found.push(id);
      return;
    }
    if (depth === MAX_DEPTH) return;
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith('.') || entry.name === 'node_modules') {
        continue;
      }
      await visit(id === '.' ? entry.name : `${id}/${entry.name}`, depth + 1);
    }
  };
  await visit('.', 0);
  return found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
