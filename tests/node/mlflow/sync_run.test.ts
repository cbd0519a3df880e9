import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logMetrics, syncRun } from '../../../src/node/mlflow/sync_run.ts';
import { readSyncState, writeSyncState } from '../../../src/node/mlflow/sync_state.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { FakeMlflow, type FakeRequest } from '../../helpers/fake_mlflow.ts';
import { damage, writeRecordedRun } from '../../helpers/recorded_run.ts';

let server: FakeMlflow;

beforeEach(async () => {
  server = await new FakeMlflow().start();
});

afterEach(() => server.stop());

const sync = (root: string, options = {}) =>
  syncRun({ root, uri: server.uri, http: { env: {}, backoffMs: 1, retries: 0 }, ...options });

const expected = (steps: number, epochs: number): string[] =>
  [
    ...['train_loss', 'valid_loss', 'accumulated_dice'].flatMap((key) =>
      Array.from({ length: epochs }, (_, step) => `${key}@${step}`),
    ),
    ...['train_loss_step', 'learning_rate_step'].flatMap((key) =>
      Array.from({ length: steps }, (_, step) => `${key}@${step}`),
    ),
  ].sort();

const isBatch = ({ path, bytes }: FakeRequest): boolean =>
  path.endsWith('log-batch') && bytes.includes('"metrics"');

test('a run folder arrives whole, and a second time nothing is sent', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    await writeFile(join(root, 'model.safetensors'), Buffer.from([1, 2, 3]));
    await writeFile(join(root, 'figures/training.png'), Buffer.from([4, 5]));
    const report = await sync(root);
    expect(report.unsent).toEqual([]);
    expect(report.page).toBe(`${server.uri}/#/experiments/1/runs/run0`);
    expect([...server.points].sort()).toEqual(expected(20, 4));
    expect(server.run.info.status).toBe('FINISHED');
    expect(server.run.params.get('learning_rate')).toBe('0.01');
    expect(server.run.params.get('epochs')).toBe('4');
    expect(server.run.params.get('loss_function')).toBe('DiceCELoss');
    expect([...server.experiments.keys()]).toEqual(['UNet']);
    expect(server.run.info.run_name).toMatch(/^run_\d{8}_\d{6}$/);
    expect(server.run.inputs.length).toBe(2);
    expect(server.models.get('UNet')).toMatchObject([
      { source: 'mlflow-artifacts:/1/run0/artifacts/model', run_id: 'run0' },
    ]);
    const files = ['config.json', 'split.json', 'history.json', 'figures/training.png'];
    for (const name of files) {
      const sent = server.artifacts.get(`1/run0/artifacts/${name}`);
      expect(sent, name).toEqual(await readFile(join(root, name)));
    }
    expect(server.artifacts.size).toBe(files.length + 1);

    server.requests.length = 0;
    await sync(root);
    expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('nothing is sent twice, and nothing is lost', () => {
  test('where the answer to points is lost', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root);
      let lost = false;
      server.fault = (request) => {
        if (lost || !isBatch(request)) return undefined;
        lost = true;
        return 'after';
      };
      await expect(sync(root)).rejects.toThrow('does not answer');
      expect((await sync(root)).unsent).toEqual([]);
      expect([...server.points].sort()).toEqual(expected(20, 4));
    });
  });

  test('where the answer to the making of the run is lost', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root);
      let lost = false;
      server.fault = ({ path }) => {
        if (lost || !path.endsWith('runs/create')) return undefined;
        lost = true;
        return 'after';
      };
      await expect(sync(root)).rejects.toThrow('does not answer');
      await sync(root);
      expect([...server.points].sort()).toEqual(expected(20, 4));
    });
  });

  test('whichever request the server breaks down at', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root, { steps: 1200, totalSteps: 1200, stepsPerEpoch: 100 });
      for (let survived = 1; ; survived++) {
        let left = survived;
        server.fault = () => (left-- > 0 ? undefined : left % 2 === 0 ? 'after' : 'before');
        const isDone = await sync(root).then(
          () => true,
          () => false,
        );
        if (isDone) break;
        expect(survived).toBeLessThan(60);
      }
      expect([...server.points].sort()).toEqual(expected(1200, 12));
    });
  });

  test('where the run goes on after it was sent', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root, { steps: 12 });
      const first = await sync(root);
      expect(first.unsent).toEqual([]);
      expect(server.run.info.status).toBe('KILLED');
      await writeRecordedRun(root);
      const state = (await readSyncState(join(root, 'mlflow.json')))!;
      await writeSyncState(join(root, 'mlflow.json'), { ...state, status: 'RUNNING' });
      await sync(root);
      expect([...server.points].sort()).toEqual(expected(20, 4));
      expect(server.run.info.status).toBe('FINISHED');
    });
  });

  test('where the memory of what was sent is older than the server', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root, { steps: 5 });
      await sync(root);
      const before = await readFile(join(root, 'mlflow.json'));
      await writeRecordedRun(root);
      await sync(root);
      await writeFile(join(root, 'mlflow.json'), before);
      await sync(root);
      expect([...server.points].sort()).toEqual(expected(20, 4));
    });
  });
});

test('a server with an empty data base gets the run again', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    await sync(root);
    server.runs.clear();
    server.experiments.clear();
    server.artifacts.clear();
    expect((await sync(root)).unsent).toEqual([]);
    expect([...server.points].sort()).toEqual(expected(20, 4));
    expect(server.artifacts.size).toBe(3);
  });
});

test('a file that changed is sent again', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    await sync(root);
    await writeFile(join(root, 'figures/new.png'), 'png');
    await writeFile(join(root, 'split.json'), '{"train": []}');
    server.requests.length = 0;
    await sync(root);
    const paths = server.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path);
    expect(paths.map((path) => path.split('/artifacts/').at(-1))).toEqual([
      'split.json',
      'figures/new.png',
    ]);
  });
});

test('a store that cannot be reached costs the files, and nothing else', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    server.artifactRoot = 's3://bucket';
    await expect(sync(root)).rejects.toThrow('s3://bucket');
    expect([...server.points].sort()).toEqual(expected(20, 4));
    expect(server.run.info.status).toBe('FINISHED');
  });
});

test('values of an evaluation are added to a finished run, NaN is skipped, and a new evaluation is a new point', async () => {
  await inTemporaryFolder(async (root) => {
    await writeRecordedRun(root);
    await sync(root);
    const http = { env: {}, backoffMs: 1, retries: 0 };
    await logMetrics({ test_dsc: 0.5, test_hd95: Number.NaN, test_sens: null }, { root, http });
    server.fault = (request) => (isBatch(request) ? 'after' : undefined);
    await expect(logMetrics({ test_dsc: 0.75 }, { root, http })).rejects.toThrow('not answer');
    server.fault = () => undefined;
    await sync(root);
    const values = server.run.metrics.filter(({ key }) => key.startsWith('test_'));
    expect(values.map(({ key, value, step }) => [key, value, step])).toEqual([
      ['test_dsc', 0.5, 0],
      ['test_dsc', 0.75, 1],
    ]);
    expect(server.run.info.status).toBe('FINISHED');
    await expect(logMetrics({ valid_loss: 1 }, { root, http })).rejects.toThrow('curve');
  });
});

describe('what is refused', () => {
  test('a folder without a run', async () => {
    await inTemporaryFolder(async (root) => {
      await expect(sync(root)).rejects.toThrow('no run folder');
    });
  });

  test('a run that no server is known for, unless the environment names one', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root);
      await expect(syncRun({ root, http: { env: {} } })).rejects.toThrow('MLFLOW_TRACKING_URI');
      await syncRun({ root, http: { env: { MLFLOW_TRACKING_URI: server.uri } } });
      expect(server.run.info.status).toBe('FINISHED');
    });
  });

  test('a run whose training sends itself, until that has ended or is said to have', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root, { steps: 12 });
      await sync(root);
      const state = (await readSyncState(join(root, 'mlflow.json')))!;
      // Process 1 runs on every machine.
      const owner = { pid: 1, host: hostname() };
      const training = { ...state, status: 'RUNNING' as const, process: owner };
      await writeSyncState(join(root, 'mlflow.json'), training);
      await expect(sync(root)).rejects.toThrow('process 1 on');
      await sync(root, { force: true });
      expect(server.run.info.status).toBe('KILLED');
    });
  });

  test('a memory that is damaged, with what to do', async () => {
    await inTemporaryFolder(async (root) => {
      await writeRecordedRun(root);
      await damage(join(root, 'mlflow.json'));
      await expect(sync(root)).rejects.toThrow('mlflow.json');
      await writeFile(join(root, 'mlflow.json'), '{"version": 2}');
      await expect(sync(root)).rejects.toThrow('Remove it');
      await rm(join(root, 'mlflow.json'));
      await sync(root);
    });
  });
});
