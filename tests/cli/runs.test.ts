import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';
import { damage, writeRecordedRun } from '../helpers/recorded_run.ts';

it('lists runs as a table and as JSON, with a damaged one among them', () =>
  inTemporaryFolder(async (folder) => {
    await writeRecordedRun(join(folder, 'a'));
    await writeRecordedRun(join(folder, 'b'));
    await damage(join(folder, 'b', 'config.json'));
    const table = await runCli(['runs', folder, '--sort', 'name']);
    expect(table.code, table.stderr).toBe(0);
    expect(table.stdout).toMatch(/^a +finished/m);
    expect(table.stdout).toMatch(/^b +damaged/m);
    const json = await runCli(['runs', folder, '--json', '--sort', 'name']);
    expect(JSON.parse(json.stdout).runs).toMatchObject([
      { id: 'a', state: 'finished' },
      { id: 'b', state: 'damaged' },
    ]);
  }));

it('compares runs, and names those that there are', () =>
  inTemporaryFolder(async (folder) => {
    await writeRecordedRun(join(folder, 'a'), { learningRate: 0.01 });
    await writeRecordedRun(join(folder, 'b'), { learningRate: 0.02 });
    const json = await runCli(['runs', folder, '--json', '--compare', 'a', 'b']);
    expect(json.code, json.stderr).toBe(0);
    expect(JSON.parse(json.stdout)).toEqual({
      runs: ['a', 'b'],
      differences: [{ setting: 'training.learningRate', values: ['0.01', '0.02'] }],
    });
    const unknown = await runCli(['runs', folder, '--compare', 'a', 'c']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('a, b');
  }));

it('a folder without runs is no error, one that is missing is', async () => {
  await inTemporaryFolder(async (folder) => {
    const none = await runCli(['runs', folder]);
    expect(none).toMatchObject({ code: 0 });
    expect(none.stdout).toContain('no runs below');
  });
  const missing = await runCli(['runs', '/no/such/folder']);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('/no/such/folder');
});
