import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTemporaryFolder, interruptCli, runCli } from '../helpers/cli.ts';
import { FakeMlflow } from '../helpers/fake_mlflow.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

let server: FakeMlflow;

beforeAll(async () => {
  server = await new FakeMlflow().start();
});

afterAll(() => server.stop());

const SMALL =
  '--channels 4,8 --patch-size 16 --samples-per-volume 1 --batch-size 2 --valid-pct 0.3 --epochs 3';

test('a training without a server that answers is as good, and is sent afterwards', async () => {
  await inTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    const run = join(folder, 'run');
    await writeTinyDataset(data);
    await server.stop();
    const args = ['--data', data, '--out', run, ...SMALL.split(' '), '--json'];
    const flags = [
      '--mlflow',
      server.uri,
      '--mlflow-experiment',
      'tiny',
      '--mlflow-run-name',
      'one',
    ];

    const interrupted = await interruptCli(['train', ...args, ...flags], /epoch 1 \|/);
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toContain('Training goes on');
    expect(interrupted.stderr).toContain(`voxgrad mlflow ${run} --mlflow ${server.uri}`);

    // The address comes from the run's own settings.
    await server.start();
    const resumed = await runCli(['train', '--data', data, '--out', run, '--resume', '--json']);
    expect(resumed.stderr).toContain('model version 1');
    expect(resumed.code).toBe(0);
    const history = JSON.parse(await readFile(join(run, 'history.json'), 'utf8'));
    expect(history.epochs.length).toBe(3);
    const curve = (key: string) => server.run.metrics.filter((point) => point.key === key);
    expect(curve('train_loss_step').map(({ value }) => value)).toEqual(
      history.steps.map(({ loss }: { loss: number }) => loss),
    );
    expect(curve('valid_loss').map(({ step, value }) => [step, value])).toEqual(
      history.epochs.map(({ validLoss }: { validLoss: number }, n: number) => [n, validLoss]),
    );
    expect(new Set(server.points).size).toBe(server.points.length);
    expect(server.run.info).toMatchObject({ run_name: 'one', status: 'FINISHED' });
    expect([...server.experiments.keys()]).toEqual(['tiny']);
    expect(server.run.params.get('epochs')).toBe('3');
    expect(server.run.params.get('loss_function')).toBe('DiceCELoss');
    const model = server.artifacts.get('1/run0/artifacts/model/model.safetensors');
    expect(model).toEqual(await readFile(join(run, 'model.safetensors')));
    const settings = server.artifacts.get('1/run0/artifacts/model/inference_settings.json');
    expect(JSON.parse(String(settings)).patchConfig.patchSize).toEqual([16, 16, 16]);

    // Another training in the folder is another run, and leaves nothing of this one.
    const plain = await runCli(['train', ...args, '--overwrite']);
    expect(plain.code).toBe(0);
    expect(await readdir(run)).not.toContain('mlflow.json');
  });
});

test('an address that is none stops a training before it begins', async () => {
  await inTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    await writeTinyDataset(data);
    const args = ['--data', data, '--out', join(folder, 'run'), ...SMALL.split(' ')];
    const { code, stderr } = await runCli(['train', ...args, '--mlflow', 'mlruns.db']);
    expect(code).toBe(1);
    expect(stderr).toContain("running 'mlflow server'");
    expect(await readdir(folder)).toEqual(['data']);
  });
});
