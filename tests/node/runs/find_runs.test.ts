import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { findRuns } from '../../../src/node/runs/find_runs.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { writeRecordedRun } from '../../helpers/recorded_run.ts';

it('finds runs below a folder, sorted as people count, and nothing inside a run', () =>
  inTemporaryFolder(async (folder) => {
    for (const id of ['run10', 'run2', 'heart/lv', 'run2/inner']) {
      await writeRecordedRun(join(folder, id));
    }
    await mkdir(join(folder, 'project'));
    await writeFile(join(folder, 'project', 'config.json'), '{}');
    await writeRecordedRun(join(folder, '.hidden', 'a'));
    await writeRecordedRun(join(folder, 'node_modules', 'a'));
    expect(await findRuns(folder)).toEqual(['heart/lv', 'run2', 'run10']);
  }));

it('a folder that is a run itself is the only one', () =>
  inTemporaryFolder(async (folder) => {
    await writeRecordedRun(folder);
    expect(await findRuns(folder)).toEqual(['.']);
  }));

it('does not follow links, which may lead round in a circle', () =>
  inTemporaryFolder(async (folder) => {
    await writeRecordedRun(join(folder, 'a'));
    await symlink(folder, join(folder, 'again'));
    expect(await findRuns(folder)).toEqual(['a']);
  }));

it('a folder that is not there is an error', async () => {
  await expect(findRuns('/no/such/folder')).rejects.toThrow(ConfigError);
});
