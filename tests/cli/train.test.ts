import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import { UNet } from '../../src/nn/unet.ts';
import type { UNetOptions } from '../../src/nn/unet_config.ts';
import { choiceFile } from '../../src/node/choice_store.ts';
import { Rng } from '../../src/rng.ts';
import { trainingDemand } from '../../src/train/kernel_choices.ts';
import { interruptCli, runCli } from '../helpers/cli.ts';
import { testGpu } from '../helpers/gpu.ts';
import { storeNaive } from '../helpers/stored_kernels.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxgrad-train-'));
  data = join(folder, 'data');
  await writeTinyDataset(data);
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

const SMALL = [
  '--channels',
  '4,8',
  '--patch-size',
  '16',
  '--samples-per-volume',
  '2',
  '--batch-size',
  '2',
  '--group-by',
  'ball_(\\d+)_',
  '--test-pct',
  '0.3',
  '--valid-pct',
  '0.3',
];

const trainIn = (env: NodeJS.ProcessEnv, out: string, ...args: string[]) =>
  runCli(['train', '--data', data, '--out', join(folder, out), ...args], env);
const train = (out: string, ...args: string[]) => trainIn({}, out, ...args);

const readJson = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, path), 'utf8'));

describe('train', () => {
  test('leaves a whole run folder, and the same command gives the same model bytes', async () => {
    const first = await train('a', ...SMALL, '--steps', '2', '--json');
    expect(first.stderr).not.toContain('error');
    expect(first.code).toBe(0);
    const summary = JSON.parse(first.stdout);
    expect(summary.steps).toBe(2);
    expect(summary.gpuPeakBytes).toBeGreaterThan(0);
    const files = await readdir(join(folder, 'a'), { recursive: true });
    expect(files.sort()).toEqual([
      'checkpoints',
      'checkpoints/last.safetensors',
      'config.json',
      'figures',
      'figures/batch.png',
      'figures/training.png',
      'history.csv',
      'history.json',
      'kernels.json',
      'model.safetensors',
      'split.json',
      'status.json',
    ]);
    const split = JSON.parse(await readFile(join(folder, 'a/split.json'), 'utf8'));
    const patients = [split.train, split.validation, split.test].map((names: string[]) => [
      ...new Set(names.map((name) => name.split('_')[1])),
    ]);
    expect(patients.map((list) => list.length)).toEqual([1, 1, 1]);
    expect(new Set(patients.flat()).size).toBe(3);
    const history = JSON.parse(await readFile(join(folder, 'a/history.json'), 'utf8'));
    expect(history.steps.length).toBe(2);

    // From the run's own configuration and split, without flags.
    const again = await train(
      'b',
      '--config',
      join(folder, 'a/config.json'),
      '--split',
      join(folder, 'a/split.json'),
    );
    expect(again.code).toBe(0);
    expect(await readFile(join(folder, 'b/model.safetensors'))).toEqual(
      await readFile(join(folder, 'a/model.safetensors')),
    );

    const refused = await train('a', ...SMALL, '--steps', '2');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--overwrite');
  });

  test('--dry-run prints the plan, writes nothing, and needs no GPU', async () => {
    const { code, stdout, stderr } = await runCli(
      ['train', '--data', data, '--out', join(folder, 'none'), '--dry-run', '--json'],
      { VK_ICD_FILENAMES: '/nonexistent.json', VK_DRIVER_FILES: '/nonexistent.json' },
    );
    expect(code).toBe(0);
    const { run, memory } = JSON.parse(stdout);
    expect(memory.peak).toBe(
      memory.parameters + memory.moments + memory.activations + memory.backward,
    );
    expect(stderr).toMatch(/memory +[\d.]+ MiB on the GPU per step: parameters/);
    // Axes as after reordering: the spacing is the same for all orientations.
    expect(run.patch.targetSpacing).toEqual([1, 1.5, 2]);
    expect(run.patch.patchSize).toEqual([16, 16, 16]);
    expect(run.network.strides).toHaveLength(2);
    expect(stderr).toContain('5 training, 1 validation');
    expect(await readdir(folder)).not.toContain('none');
  });

  test('--checkpointing leaves the model as it is, takes less memory, and is planned with', async () => {
    const plan = async (...args: string[]) => {
      const dry = await train('none', ...SMALL, '--dry-run', '--json', ...args);
      return JSON.parse(dry.stdout).memory.peak as number;
    };
    expect(await plan('--checkpointing')).toBeLessThan(await plan());
    const text = await train('none', ...SMALL, '--dry-run', '--accumulate', '3');
    expect(text.stdout).toContain('gradients of 3 batches per step');
    const run = async (out: string, ...args: string[]) => {
      const result = await train(
        out,
        ...SMALL,
        '--steps',
        '2',
        '--accumulate',
        '2',
        '--json',
        ...args,
      );
      expect(result.code).toBe(0);
      const { steps, epochs, gpuPeakBytes } = JSON.parse(result.stdout);
      // Four patches of two subjects make two batches, and those one step per epoch.
      expect([steps, epochs]).toEqual([2, 2]);
      return { gpuPeakBytes, model: await readFile(join(folder, out, 'model.safetensors')) };
    };
    const kept = await run('kept');
    const repeated = await run('repeated', '--checkpointing');
    expect(repeated.model).toEqual(kept.model);
    expect(repeated.gpuPeakBytes).toBeLessThan(kept.gpuPeakBytes);
  });

  test('--precision f16 is planned with and recorded; others are refused', async () => {
    const plan = async (...args: string[]) => {
      const dry = await train('none', ...SMALL, '--dry-run', '--json', ...args);
      return JSON.parse(dry.stdout);
    };
    const [full, half] = [await plan(), await plan('--precision', 'f16')];
    expect([full.run.training.precision, half.run.training.precision]).toEqual(['f32', 'f16']);
    expect(half.memory.activations).toBeLessThan(0.7 * full.memory.activations);
    const text = await train('none', ...SMALL, '--dry-run', '--precision', 'f16');
    expect(text.stdout).toContain('activations in half precision');
    const wrong = await train('none', ...SMALL, '--dry-run', '--precision', 'f8');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/f8.*f32, f16/);
  });

  test.each([
    ['an unknown key', '{"network": {"depth": 3}}', [], /'depth'.*channels, strides/],
    ['an illegal value', '{"training": {"batchSize": "many"}}', [], /training\.batchSize/],
    ['a patch setting', '{"patch": {"overlap": 1}}', [], /'overlap'.*patchOverlap/],
    ['broken JSON', '{', [], /config\.json/],
    [
      'a patch that the strides do not divide',
      '{}',
      ['--patch-size', '15', '--strides', '2,2'],
      /multiple/,
    ],
    ['a pattern that matches nothing', '{}', ['--exclude', 'kidney'], /kidney/],
  ])('%s in the settings is one clear line and exit code 1', async (_, text, args, message) => {
    const path = join(folder, 'config.json');
    await writeFile(path, text);
    const { code, stdout, stderr } = await train('bad', '--config', path, ...args);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('error: ')).length,
    ).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await readdir(folder)).not.toContain('bad');
  });

  test('a flag wins over the file', async () => {
    const path = join(folder, 'epochs.json');
    await writeFile(path, '{"training": {"epochs": 7, "learningRate": 0.5}}');
    const { stdout } = await train('x', '--config', path, '--steps', '3', '--dry-run', '--json');
    expect(JSON.parse(stdout).run.training).toMatchObject({ steps: 3, learningRate: 0.5 });
    expect(JSON.parse(stdout).run.training).not.toHaveProperty('epochs');
  });

  test('labels that dataset.json does not name are refused, unless merged by --binary', async () => {
    const other = join(folder, 'other');
    await writeTinyDataset(other, { label: 4 });
    const args = ['train', '--data', other, ...SMALL, '--steps', '1', '--out'];
    const refused = await runCli([...args, join(folder, 'c')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/Got 4.*--binary/);
    expect((await readdir(join(folder, 'c'))).filter((name) => name.includes('model'))).toEqual([]);
    expect((await runCli([...args, join(folder, 'd'), '--binary'])).code).toBe(0);
  });

  test('Ctrl-C ends at a batch boundary, keeps the best model, and is no success', async () => {
    const out = join(folder, 'stopped');
    const args = ['train', '--data', data, '--out', out, ...SMALL, '--epochs', '500'];
    const { code, stdout, stderr } = await interruptCli(args, /epoch 2 \|/);
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toContain('best model so far');
    expect(stderr).toContain('--resume goes on');
    const files = await readdir(out);
    expect(files).toContain('model.safetensors');
    expect(files.filter((name) => name.endsWith('.part'))).toEqual([]);
    const history = JSON.parse(await readFile(join(out, 'history.json'), 'utf8'));
    expect(history.epochs.length).toBeLessThan(500);
    expect(history.steps.length).toBeGreaterThanOrEqual(history.epochs.at(-1).steps);
  });

  test('--resume ends with the bytes of a run that was never interrupted', async () => {
    const args = [...SMALL, '--epochs', '25'];
    const straight = await train('straight', ...args);
    expect(straight.code).toBe(0);
    const out = join(folder, 'resumed');
    const started = ['train', '--data', data, '--out', out, ...args];
    expect((await interruptCli(started, /epoch 2 \|/)).code).toBe(130);
    const before = JSON.parse(await readFile(join(out, 'history.json'), 'utf8'));
    expect(before.epochs.length).toBeLessThan(25);
    expect(before.epochs.length).toBeGreaterThan(0);
    const other = await train('resumed', '--resume', '--lr', '0.5');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('--resume alone');
    // As a version wrote it that did not know these settings yet.
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    delete config.training.accumulate;
    delete config.training.checkpointing;
    await writeFile(join(out, 'config.json'), JSON.stringify(config));
    const { code, stdout } = await train('resumed', '--resume', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ epochs: 25 });
    expect(await readFile(join(out, 'model.safetensors'))).toEqual(
      await readFile(join(folder, 'straight/model.safetensors')),
    );
    const complete = await train('resumed', '--resume', '--json');
    expect(complete).toMatchObject({ code: 0 });
    expect(complete.stderr).toContain('the run is complete');
    expect(JSON.parse(complete.stdout)).toMatchObject({ epochs: 25 });
  });

  test('--resume begins where there is no run yet, and again where there is no checkpoint', async () => {
    const args = [...SMALL, '--epochs', '2'];
    const straight = await train('once', ...args, '--resume');
    expect(straight).toMatchObject({ code: 0 });
    expect(straight.stderr).toContain('no run in');
    const bytes = (out: string) => readFile(join(folder, out, 'model.safetensors'));

    // As a process killed in its first epoch leaves it, with a file that it was about to write.
    const out = join(folder, 'early');
    await mkdir(out);
    for (const name of ['config.json', 'split.json', 'kernels.json']) {
      await writeFile(join(out, name), await readFile(join(folder, 'once', name)));
    }
    await writeFile(join(out, '.history.json.999999999.part'), '{');
    const again = await train('early', '--resume');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain('no checkpoint');
    expect(await bytes('early')).toEqual(await bytes('once'));
    expect((await readdir(out)).filter((name) => name.endsWith('.part'))).toEqual([]);

    // As one leaves it that was killed between its last step and its last files.
    await rm(join(out, 'model.safetensors'));
    await rm(join(out, 'figures/training.png'));
    expect(await train('early', '--resume')).toMatchObject({ code: 0 });
    expect(await bytes('early')).toEqual(await bytes('once'));
    expect(await readdir(join(out, 'figures'))).toEqual(['batch.png', 'training.png']);
  });

  test('callbacks by flags end a training early, and leave tables and event files', async () => {
    const args = ['--early-stopping', '1', '--ema', '0.5', '--clip-grad', '1', '--tensorboard'];
    const { code, stdout, stderr } = await train(
      'early-end',
      ...SMALL,
      '--epochs',
      '60',
      ...args,
      '--json',
    );
    expect(code, stderr).toBe(0);
    const { epochs } = JSON.parse(stdout);
    expect(epochs).toBeLessThan(60);
    expect(stderr).toContain('early stopping');
    const history = await readJson('early-end/history.json');
    expect(history).toMatchObject({ complete: true, stopped: expect.stringContaining('epoch') });
    const table = await readFile(join(folder, 'early-end/history.csv'), 'utf8');
    expect(table.trim().split('\n')).toHaveLength(1 + epochs);
    expect(await readdir(join(folder, 'early-end/tensorboard'))).toHaveLength(1);
    const again = await train('early-end', '--resume');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain('the run is complete');
  });

  test('takes the kernels that are stored for the adapter, and --resume those of the run', async () => {
    const args = [...SMALL, '--epochs', '6'];
    expect((await train('fixed', ...args, '--no-autotune')).code).toBe(0);
    const fixed = await readJson('fixed/kernels.json');
    const { network } = (await readJson('fixed/config.json')) as { network: UNetOptions };
    const env = { XDG_CACHE_HOME: join(folder, 'cache') };
    const gpu = await testGpu();
    const options = { ...network, inChannels: 1, outChannels: 2 };
    const model = new UNet(new DryGpu(gpu), Rng.seed(0), options);
    const step = { batchSize: 2, inChannels: 1, patchSize: [16, 16, 16] } as const;
    await storeNaive(gpu, choiceFile(env), trainingDemand(gpu, model, step).problems);
    const tuned = await trainIn(env, 'tuned', ...args);
    expect(tuned.code).toBe(0);
    const kernels = await readJson('tuned/kernels.json');
    expect(Object.keys(kernels)).toEqual(Object.keys(fixed));
    expect(new Set(Object.values(kernels))).toEqual(new Set(['naive']));
    expect(await trainIn(env, 'ignored', ...args, '--no-autotune')).toMatchObject({ code: 0 });
    expect(await readJson('ignored/kernels.json')).toEqual(fixed);
    const bytes = (out: string) => readFile(join(folder, out, 'model.safetensors'));
    expect(await bytes('ignored')).toEqual(await bytes('fixed'));

    // The store is another one by the time of the resume.
    const out = join(folder, 'begun');
    const begun = ['train', '--data', data, '--out', out, ...args];
    expect((await interruptCli(begun, /epoch 2 \|/, env)).code).toBe(130);
    expect((await train('begun', '--resume')).code).toBe(0);
    expect(await readJson('begun/kernels.json')).toEqual(kernels);
    expect(await bytes('begun')).toEqual(await bytes('tuned'));
  });

  test('a folder that is no data set is named', async () => {
    await mkdir(join(folder, 'empty'));
    const { code, stderr } = await runCli([
      'train',
      '--data',
      join(folder, 'empty'),
      '--out',
      join(folder, 'e'),
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('dataset.json');
  });
});
