import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { choiceFile } from '../../src/node/choice_store.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

test('keeps a text in the cache folder of the user, which it makes', async () => {
  await inTemporaryFolder(async (folder) => {
    const store = choiceFile({ XDG_CACHE_HOME: join(folder, 'cache') });
    expect(store.place).toBe(join(folder, 'cache', 'voxgrad', 'autotune.json'));
    expect(await store.load()).toBe(undefined);
    await store.save('one');
    await store.save('two');
    expect(await store.load()).toBe('two');
    expect(await readdir(join(folder, 'cache', 'voxgrad'))).toEqual(['autotune.json']);
  });
});

test('without a folder of the environment, or with a relative one, it is ~/.cache', () => {
  const place = join(homedir(), '.cache', 'voxgrad', 'autotune.json');
  for (const env of [{}, { XDG_CACHE_HOME: '' }, { XDG_CACHE_HOME: 'relative' }]) {
    expect(choiceFile(env).place).toBe(place);
  }
});

test('a place that is no file is an error, not an empty store', async () => {
  await inTemporaryFolder(async (folder) => {
    const store = choiceFile({ XDG_CACHE_HOME: folder });
    await mkdir(store.place, { recursive: true });
    await expect(store.load()).rejects.toThrow();
    await writeFile(join(folder, 'file'), '');
    const blocked = choiceFile({ XDG_CACHE_HOME: join(folder, 'file') });
    await expect(blocked.save('text')).rejects.toThrow();
  });
});
