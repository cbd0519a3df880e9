/** Where measured choices between kernels are kept on this machine. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ChoiceStore } from '../kernels/tuning/choice_cache.ts';
import { writeWholeFile } from './whole_file.ts';

/**
 * `voxgrad/autotune.json` in the user's cache folder. A file that is missing is no error; deleting
 * it only costs the time to measure again.
 *
 * @see XDG Base Directory Specification: a relative XDG_CACHE_HOME does not count
 */
export function choiceFile(env: NodeJS.ProcessEnv = process.env): ChoiceStore {
  const given = env.XDG_CACHE_HOME;
  const root = given && isAbsolute(given) ? given : join(homedir(), '.cache');
  const place = join(root, 'voxgrad', 'autotune.json');
  return {
    place,
    load: async () => {
      try {
        return await readFile(place, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    save: (text) => writeWholeFile(place, text),
  };
}
