import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';
import { FakeMlflow } from '../helpers/fake_mlflow.ts';
import { writeRecordedRun } from '../helpers/recorded_run.ts';

let server: FakeMlflow;

beforeAll(async () => {
  server = await new FakeMlflow().start();
});

afterAll(() => server.stop());

test('a run is sent under the names given, and its evaluation is added', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    const names = ['--mlflow-experiment', 'heart', '--mlflow-run-name', 'first'];
    const sent = await runCli(['mlflow', root, '--mlflow', `${server.uri}/`, ...names, '--json']);
    expect(sent.code).toBe(0);
    expect(JSON.parse(sent.stdout)).toMatchObject({ uri: server.uri, unsent: [] });
    expect([...server.experiments.keys()]).toEqual(['heart']);
    expect(server.run.info).toMatchObject({ run_name: 'first', status: 'FINISHED' });

    const table = { dsc: 0.8, hd95: null };
    await writeFile(join(root, 'metrics.json'), JSON.stringify({ mean: table }));
    const added = await runCli(['mlflow', root, '--metrics', join(root, 'metrics.json')]);
    expect(added.stdout).toContain(`${server.uri}/#/experiments/1/runs/run0`);
    const values = server.run.metrics.filter(({ key }) => key.startsWith('test_'));
    expect(values.map(({ key, value }) => [key, value])).toEqual([['test_dsc', 0.8]]);
  });
});

test('a server that does not answer is an error with its address', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    const { code, stderr } = await runCli(['mlflow', root, '--mlflow', 'http://127.0.0.1:9']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/does not answer. http:\/\/127.0.0.1:9/);
  });
});
