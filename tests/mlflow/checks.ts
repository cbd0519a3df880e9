/** What a run folder holds against what the server shows of it, read through the server's own interface. */
import { deepStrictEqual } from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MlflowServer } from './server.ts';

interface Pair {
  readonly key: string;
  readonly value: string;
}

interface ShownRun {
  readonly info: Record<string, string>;
  readonly data: { params?: Pair[]; tags?: Pair[]; metrics?: { key: string }[] };
  readonly inputs: { dataset_inputs?: { tags: Pair[]; dataset: { profile: string } }[] };
}

interface History {
  readonly steps: { loss: number; lr: number }[];
  readonly epochs: Record<'trainLoss' | 'validLoss' | 'accumulatedDice', number>[];
}

const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

/** One check: a sentence and what throws if it does not hold. */
export type Check = readonly [title: string, check: () => Promise<void>];

export interface Expected {
  readonly experiment: string;
  readonly runName: string;
  readonly epochs: number;
}

/** The only run of an experiment. */
export async function runOf(server: MlflowServer, experiment: string): Promise<ShownRun> {
  const found = await server.get('mlflow/experiments/get-by-name', { experiment_name: experiment });
  const { experiment_id } = found.experiment as { experiment_id: string };
  const { runs } = (await server.post('mlflow/runs/search', {
    experiment_ids: [experiment_id],
  })) as { runs: ShownRun[] };
  deepStrictEqual(runs.length, 1);
  const [{ info }] = runs as [ShownRun];
  const { run } = await server.get('mlflow/runs/get', { run_id: info.run_id! });
  return run as ShownRun;
}

export function checksOf(server: MlflowServer, folder: string, expected: Expected): Check[] {
  const run = () => runOf(server, expected.experiment);
  return [
    [
      'the run has its name, is finished, and there is one',
      async () => {
        const { info } = await run();
        deepStrictEqual([info.run_name, info.status], [expected.runName, 'FINISHED']);
        deepStrictEqual(Number(info.end_time) > Number(info.start_time), true);
      },
    ],
    [
      'all parameters are there, under the names of fastMONAI',
      async () => checkParams((await run()).data.params ?? [], folder, expected),
    ],
    [
      'every point of every curve is there, once, in order, with its value',
      async () => {
        const { info, data } = await run();
        const keys = (data.metrics ?? []).map(({ key }) => key);
        await checkCurves(server, info.run_id!, keys, await readJson(join(folder, 'history.json')));
      },
    ],
    [
      'every file of the run folder is there, byte for byte',
      async () => checkFiles(server, (await run()).info.run_id!, folder),
    ],
    [
      'training and validation subjects are there as data sets',
      async () => {
        const { inputs } = await run();
        const split = await readJson(join(folder, 'split.json'));
        const shown = (inputs.dataset_inputs ?? []).map(({ tags, dataset }) => [
          tags[0]!.value,
          JSON.parse(dataset.profile).num_rows,
        ]);
        deepStrictEqual(shown.sort(), [
          ['training', split.train.length],
          ['validation', split.validation.length],
        ]);
      },
    ],
    [
      'the model is registered, once, and belongs to the run',
      async () => {
        const { info } = await run();
        const { model_versions: versions } = (await server.get('mlflow/model-versions/search', {
          filter: `name='${expected.experiment}'`,
        })) as { model_versions: Record<string, string>[] };
        deepStrictEqual(
          versions.map(({ run_id, source, version }) => [run_id, source, version]),
          [[info.run_id, `${info.artifact_uri}/model`, '1']],
        );
      },
    ],
  ];
}

async function checkParams(
  shown: readonly Pair[],
  folder: string,
  { epochs }: Expected,
): Promise<void> {
  const params = new Map(shown.map(({ key, value }) => [key, value]));
  const { patch, training } = await readJson(join(folder, 'config.json'));
  const list = (values: readonly number[]) => `[${values.join(', ')}]`;
  const names = {
    epochs: String(epochs),
    learning_rate: String(training.learningRate),
    optimizer: 'Adam',
    batch_size: String(training.batchSize),
    loss_function: 'DiceCELoss',
    size: list(patch.patchSize),
    target_spacing: list(patch.targetSpacing),
    apply_reorder: 'True',
    patch_patch_size: list(patch.patchSize),
    patch_patch_overlap: String(patch.patchOverlap),
    patch_samples_per_volume: String(patch.samplesPerVolume),
    patch_sampler_type: patch.samplerType,
    patch_label_probabilities: '{0: 0.5, 1: 0.5}',
    patch_queue_length: String(patch.queueLength),
    patch_aggregation_mode: patch.aggregationMode,
    patch_padding_mode: String(patch.paddingMode),
    patch_keep_largest_component: 'False',
  };
  for (const [name, value] of Object.entries(names)) {
    deepStrictEqual([name, params.get(name)], [name, value]);
  }
  deepStrictEqual(JSON.parse(params.get('transformations') ?? ''), patch.normalization);
}

async function checkCurves(
  server: MlflowServer,
  runId: string,
  keys: readonly string[],
  { steps, epochs }: History,
): Promise<void> {
  const curves: Record<string, number[]> = {
    train_loss: epochs.map(({ trainLoss }) => trainLoss),
    valid_loss: epochs.map(({ validLoss }) => validLoss),
    accumulated_dice: epochs.map(({ accumulatedDice }) => accumulatedDice),
    train_loss_step: steps.map(({ loss }) => loss),
    learning_rate_step: steps.map(({ lr }) => lr),
  };
  deepStrictEqual([...keys].sort(), Object.keys(curves).sort());
  for (const [key, values] of Object.entries(curves)) {
    const query = { run_id: runId, metric_key: key };
    const { metrics } = (await server.get('mlflow/metrics/get-history', query)) as {
      metrics: { step?: number; value: number; timestamp: number }[];
    };
    deepStrictEqual(
      metrics.map(({ step = 0, value }) => [key, step, value]),
      values.map((value, step) => [key, step, value]),
    );
    const times = metrics.map(({ timestamp }) => Number(timestamp));
    deepStrictEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  }
}

async function checkFiles(server: MlflowServer, runId: string, folder: string): Promise<void> {
  const shown: string[] = [];
  const list = async (path: string): Promise<void> => {
    const query = { run_id: runId, ...(path === '' ? {} : { path }) };
    const answer = await server.get('mlflow/artifacts/list', query);
    const files = (answer.files ?? []) as { path: string; is_dir: boolean }[];
    for (const file of files) {
      if (file.is_dir) await list(file.path);
      else shown.push(file.path);
    }
  };
  await list('');
  const records = ['config.json', 'history.csv', 'history.json', 'kernels.json', 'split.json'];
  const figures = (await readdir(join(folder, 'figures'))).map((name) => `figures/${name}`);
  const model = ['MLmodel', 'inference_settings.json', 'model.safetensors'];
  const names = [...records, ...figures, ...model.map((name) => `model/${name}`)];
  deepStrictEqual(shown.sort(), names.sort());
  for (const name of names) {
    if (/MLmodel|inference_settings/.test(name)) continue;
    const sent = await server.artifact(runId, name);
    const file = await readFile(join(folder, name.replace('model/', '')));
    deepStrictEqual([name, Buffer.compare(sent, file)], [name, 0]);
  }
}
