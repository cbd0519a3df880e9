import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import {
  makeFolder,
  removeLeftovers,
  writeJsonFile,
  writeWholeFile,
} from '../../src/node/whole_file.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

test('makes the folder, replaces the file, and leaves nothing beside it', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'a/b/c.json');
    await writeJsonFile(path, { value: Number.NaN });
    expect(await readFile(path, 'utf8')).toBe('{\n  "value": null\n}\n');
    await writeWholeFile(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(join(folder, 'a/b'))).toEqual(['c.json']);
  });
});

test('a write that fails leaves no part behind', async () => {
  await inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'taken/by a folder'), { recursive: true });
    await expect(writeWholeFile(join(folder, 'taken'), 'text')).rejects.toThrow(ConfigError);
    expect(await readdir(folder)).toEqual(['taken']);
  });
});

test('a folder below a file, and one that the system refuses, are errors that name it', async () => {
  await inTemporaryFolder(async (folder) => {
    await writeWholeFile(join(folder, 'file'), 'text');
    await expect(makeFolder(join(folder, 'file/a/b'))).rejects.toThrow(ConfigError);
    // Linux answers there in a way that Node's own recursion never recovers from.
    if (existsSync('/proc/self')) {
      await expect(makeFolder('/proc/voxgrad/a')).rejects.toThrow('/proc/voxgrad');
    }
    await makeFolder(join(folder, 'a/b'));
    await makeFolder(join(folder, 'a/b'));
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
  });
});

test('what killed processes have begun is removed, and nothing else', async () => {
  await inTemporaryFolder(async (folder) => {
    const working = `.model.${process.pid}.part`;
    for (const name of ['.model.999999999.part', working, 'b.part', '.hidden']) {
      await writeFile(join(folder, name), 'half');
    }
    await removeLeftovers(folder);
    await removeLeftovers(join(folder, 'missing'));
    expect((await readdir(folder)).sort()).toEqual(['.hidden', working, 'b.part'].sort());
  });
});
