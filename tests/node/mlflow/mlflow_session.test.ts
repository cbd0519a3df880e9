import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MlflowSession } from '../../../src/node/mlflow/mlflow_session.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { FakeMlflow } from '../../helpers/fake_mlflow.ts';
import { writeRecordedRun } from '../../helpers/recorded_run.ts';

let server: FakeMlflow;
let messages: string[];

beforeEach(async () => {
  server = await new FakeMlflow().start();
  messages = [];
});

afterEach(() => server.stop());

const open = (root: string, options = {}) =>
  MlflowSession.open({
    root,
    uri: server.uri,
    experiment: 'Task02_Heart',
    runName: 'first',
    tags: { task: 'heart' },
    data: '/data/Task02_Heart',
    onMessage: (message) => messages.push(message),
    http: { env: {}, backoffMs: 1, retries: 0 },
    ...options,
  });

async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 400 && !condition(); n++) await sleep(10);
  expect(condition()).toBe(true);
}

const points = (): number => (server.runs.size === 0 ? 0 : server.run.metrics.length);

test('points arrive while training goes on, files that change only at its end', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root, { steps: 5 });
    const session = await open(root);
    await until(() => points() === 3 + 10 && server.artifacts.size === 2);
    expect(server.run.info).toMatchObject({ status: 'RUNNING', run_name: 'first' });
    expect(server.run.tags.get('task')).toBe('heart');
    expect([...server.artifacts.keys()].map((path) => path.split('/').at(-1))).toEqual([
      'config.json',
      'split.json',
    ]);
    await writeRecordedRun(root, { steps: 10 });
    session.notify();
    await until(() => points() === 6 + 20);
    await writeRecordedRun(root);
    const report = await session.close('FINISHED');
    expect(report.unsent).toEqual([]);
    expect(points()).toBe(12 + 40);
    expect(new Set(server.points).size).toBe(12 + 40);
    expect(server.run.info.status).toBe('FINISHED');
    const history = server.artifacts.get('1/run0/artifacts/history.json');
    expect(history).toEqual(await readFile(join(root, 'history.json')));
    expect(messages).toEqual([]);
  });
});

test('a server that is lost in the middle is said to be once, and catches up when it is back', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root, { steps: 5 });
    const session = await open(root);
    await until(() => points() === 13);
    await server.stop();
    for (const steps of [10, 15]) {
      await writeRecordedRun(root, { steps });
      session.notify();
      await sleep(50);
    }
    expect(messages.length).toBe(1);
    expect(messages[0]).toContain('Training goes on');
    await server.start();
    await until(() => points() === 9 + 30);
    await until(() => messages.at(-1)!.includes('again'));
    await session.close('KILLED');
    expect(new Set(server.points).size).toBe(9 + 30);
    expect(server.run.info.status).toBe('KILLED');
  });
});

test('a server that never answers costs a bounded time, and the report says what is missing', async () => {
  await inTemporaryFolder(async (root) => {
    await server.stop();
    await writeRecordedRun(root);
    const session = await open(root);
    const startedAt = performance.now();
    const report = await session.close('FINISHED', 300);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(report.unsent).toContain('52 metric points');
    expect(report.unsent).toContain('the status FINISHED');
    expect(report.unsent.join()).toContain('history.json');
    expect(report.problem).toContain('ECONNREFUSED');
    expect(report.command).toBe(`voxgrad mlflow ${root} --mlflow ${server.uri}`);
  });
});

test('a request that hangs is given up at the end', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    const session = await open(root, { http: { env: {}, timeoutMs: 60_000 } });
    await until(() => points() === 52);
    server.fault = () => 'never';
    const report = await session.close('FINISHED', 300);
    expect(report.unsent).toContain('the status FINISHED');
    expect(report.problem).toContain('within 0.3 s');
  });
});

test('a resumed training goes on with the same run; another training does not', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root, { steps: 7 });
    await (await open(root)).close('KILLED');
    await writeRecordedRun(root);
    const again = await open(root, { resume: true, experiment: 'other', runName: 'other' });
    await until(() => server.run.info.status === 'RUNNING');
    await again.close('FINISHED');
    expect(new Set(server.points).size).toBe(52);
    expect(points()).toBe(52);
    expect([...server.experiments.keys()]).toEqual(['Task02_Heart']);
    await (await open(root)).close('FINISHED');
    expect(server.runs.size).toBe(2);
  });
});
