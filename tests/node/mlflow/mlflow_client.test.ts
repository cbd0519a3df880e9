import { afterEach, beforeEach, expect, test } from 'vitest';
import { MlflowClient } from '../../../src/node/mlflow/mlflow_client.ts';
import { FakeMlflow } from '../../helpers/fake_mlflow.ts';

let server: FakeMlflow;
let client: MlflowClient;
let runId: string;

beforeEach(async () => {
  server = await new FakeMlflow().start();
  client = new MlflowClient(server.uri, { env: {}, backoffMs: 1, retries: 1 });
  const experimentId = await client.experiment('UNet');
  const tags = { key: 'k1' };
  ({ runId } = await client.createRun({ experimentId, runName: 'r', startTime: 5, tags }));
  server.requests.length = 0;
});

afterEach(async () => {
  await client.close();
  await server.stop();
});

const point = (step: number) => ({ key: 'loss', value: 1 / (step + 1), step, timestamp: step });
const bodies = () => server.requests.map(({ bytes }) => JSON.parse(bytes.toString('utf8')));

test('an experiment is made once, also where another run is faster', async () => {
  expect(await client.experiment('UNet')).toBe('1');
  // The other run makes it between the look and the attempt.
  server.fault = ({ path }) => {
    if (path.endsWith('/create')) server.experiments.set('late', '7');
    return undefined;
  };
  expect(await client.experiment('late')).toBe('7');
});

test('a deleted experiment is refused with what to do', async () => {
  const experiment = { experiment_id: '3', lifecycle_stage: 'deleted' };
  server.fault = () => ({ status: 200, text: JSON.stringify({ experiment }) });
  await expect(client.experiment('old')).rejects.toThrow(/deleted.*Restore it/);
});

test('points, parameters and tags are sent in portions that the server takes', async () => {
  const metrics = Array.from({ length: 2345 }, (_, step) => point(step));
  const params = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`p${n}`, String(n)]));
  const tags = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`t${n}`, String(n)]));
  await client.logBatch(runId, { metrics, params, tags });
  const sizes = bodies().map(({ metrics, params, tags }) =>
    [params, tags, metrics].map((part) => part?.length ?? 0),
  );
  expect(sizes).toEqual([
    [100, 0, 0],
    [100, 0, 0],
    [50, 0, 0],
    [0, 100, 0],
    [0, 1, 0],
    [0, 0, 1000],
    [0, 0, 1000],
    [0, 0, 345],
  ]);
  expect(server.run.metrics).toEqual(metrics);
});

test('long values are cut where the server would refuse them', async () => {
  await client.logBatch(runId, { params: { ['k'.repeat(300)]: 'v'.repeat(7000) } });
  await client.setTag(runId, 'note', 'n'.repeat(9000));
  const [[key, value]] = [...server.run.params] as [[string, string]];
  expect([key.length, value.length, value.at(-1)]).toEqual([250, 6000, '…']);
  expect(server.run.tags.get('note')!.length).toBe(8000);
});

test('NaN and infinities are left out', async () => {
  const values = [Number.NaN, 1, Number.POSITIVE_INFINITY];
  const metrics = values.map((value, step) => ({ ...point(step), value }));
  await client.logBatch(runId, { metrics });
  expect(server.points).toEqual(['loss@1']);
});

test('a run is found by its tag, and only by that', async () => {
  expect((await client.findRun('1', 'key', 'k1'))?.runId).toBe(runId);
  expect(await client.findRun('1', 'key', 'k2')).toBe(undefined);
});

test('a curve of several pages is read to its end, and one that leads in circles ends', async () => {
  const pages = [
    { metrics: [{ step: 0 }, { step: '1' }], next_page_token: 'a' },
    { metrics: [{ step: 2 }], next_page_token: 'b' },
    { metrics: [{ step: 2 }], next_page_token: 'b' },
  ];
  server.fault = () => ({ status: 200, text: JSON.stringify(pages.shift()) });
  expect([...(await client.metricSteps(runId, 'loss'))]).toEqual([0, 1, 2]);
  expect(pages).toEqual([]);
});

test('a model is registered once per run, and gets one version per run', async () => {
  expect(await client.registerModel('heart', 'mlflow-artifacts:/m', runId)).toBe('1');
  expect(await client.registerModel('heart', 'mlflow-artifacts:/m', runId)).toBe('1');
  expect(await client.registerModel('heart', 'mlflow-artifacts:/m', 'other')).toBe('2');
});

test.each(['[]', '{"run": {"info": {"run_id": "../../x"}}}', 'null', '{"run": 3}'])(
  'an answer that is not of MLflow is refused: %s',
  async (text) => {
    server.fault = () => ({ status: 200, text });
    await expect(client.run(runId)).rejects.toThrow('not MLflow');
  },
);
