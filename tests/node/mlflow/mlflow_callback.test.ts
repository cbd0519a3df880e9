import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UNet } from '../../../src/nn/unet.ts';
import { MedPatchDataLoaders } from '../../../src/node/med_patch_data_loaders.ts';
import {
  createMlflowCallback,
  type MlflowCallbackOptions,
} from '../../../src/node/mlflow/mlflow_callback.ts';
import { syncRun } from '../../../src/node/mlflow/sync_run.ts';
import { patchConfig } from '../../../src/patch/patch_config.ts';
import { zNormalization } from '../../../src/patch/transforms/z_normalization.ts';
import { Rng } from '../../../src/rng.ts';
import { Learner } from '../../../src/train/learner.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { FakeMlflow } from '../../helpers/fake_mlflow.ts';
import { testGpu } from '../../helpers/gpu.ts';
import { writeTinyDataset } from '../../helpers/tiny_dataset.ts';

let server: FakeMlflow;

beforeEach(async () => {
  server = await new FakeMlflow().start();
});

afterEach(() => server.stop());

const http = { env: {}, backoffMs: 1, retries: 0 };

/** Fits two epochs and adds the values of an evaluation. */
async function train(
  data: string,
  options: Partial<MlflowCallbackOptions>,
  afterFit: () => Promise<unknown> = async () => undefined,
): Promise<string> {
  const gpu = await testGpu();
  const names = await writeTinyDataset(data, { subjects: 4 });
  const records = names.map((name) => ({
    image: join(data, 'imagesTr', `${name}.nii.gz`),
    label: join(data, 'labelsTr', `${name}.nii.gz`),
  }));
  const loaders = MedPatchDataLoaders.fromRecords(records, {
    patchConfig: patchConfig({ patchSize: [8, 8, 8], samplesPerVolume: 2 }),
    validPct: 0.25,
    bs: 2,
    numWorkers: 0,
    prePatchTfms: [zNormalization()],
  });
  const network = { inChannels: 1, outChannels: 2, channels: [4, 8], strides: [2] };
  const model = new UNet(gpu, Rng.seed(1), network);
  const learner = new Learner({ gpu, model, loaders });
  try {
    const mlflow = createMlflowCallback(learner, {
      data,
      classNames: ['background', 'ball'],
      runFolder: join(data, 'run'),
      http,
      ...options,
    });
    await learner.fitOneCycle(2, 0.01, { callbacks: [mlflow] });
    await afterFit();
    await mlflow.logMetrics({ test_dsc: 0.5, test_hd95: Number.NaN });
    return mlflow.runFolder;
  } finally {
    learner.dispose();
    model.dispose();
    await loaders.close();
  }
}

test('a fit is on the server with settings, curves, model and the values of its evaluation', async () => {
  await inTemporaryFolder(async (data) => {
    const messages: string[] = [];
    const root = await train(data, {
      trackingUri: server.uri,
      experimentName: 'Task02_Heart',
      runName: 'first',
      tags: { task: 'heart' },
      onMessage: (message) => messages.push(message),
    });
    expect(messages).toEqual([`mlflow: ${server.uri}/#/experiments/1/runs/run0, model version 1`]);
    expect([...server.experiments.keys()]).toEqual(['Task02_Heart']);
    expect(server.run.info).toMatchObject({ run_name: 'first', status: 'FINISHED' });
    expect(server.run.tags.get('task')).toBe('heart');
    expect(Object.fromEntries(server.run.params)).toMatchObject({
      epochs: '2',
      learning_rate: '0.01',
      batch_size: '2',
      loss_function: 'DiceCELoss',
      size: '[8, 8, 8]',
      patch_samples_per_volume: '2',
    });
    const { epochs } = JSON.parse(await readFile(join(root, 'history.json'), 'utf8'));
    const curve = server.run.metrics.filter(({ key }) => key === 'valid_loss');
    expect(curve.map(({ value }) => value)).toEqual(
      epochs.map(({ validLoss }: { validLoss: number }) => validLoss),
    );
    expect(server.run.metrics.at(-1)).toMatchObject({ key: 'test_dsc', value: 0.5 });
    const model = server.artifacts.get('1/run0/artifacts/model/model.safetensors');
    expect(model).toEqual(await readFile(join(root, 'model.safetensors')));
  });
});

test('without a server the folder keeps everything, and can be sent later', async () => {
  await inTemporaryFolder(async (data) => {
    const root = await train(data, { runName: 'local' });
    expect(server.requests).toEqual([]);
    await syncRun({ root, uri: server.uri, http });
    expect(server.run.info).toMatchObject({ run_name: 'local', status: 'FINISHED' });
    expect(server.points).toContain('test_dsc@0');
  });
});

test('a server that is lost after the fit costs no value', async () => {
  await inTemporaryFolder(async (data) => {
    const messages: string[] = [];
    const onMessage = (message: string): void => void messages.push(message);
    const root = await train(data, { trackingUri: server.uri, onMessage }, () => server.stop());
    expect(messages.at(-1)).toContain('sent later');
    await server.start();
    await syncRun({ root, uri: server.uri, http });
    expect(server.points.filter((point) => point === 'test_dsc@0').length).toBe(1);
  });
});
