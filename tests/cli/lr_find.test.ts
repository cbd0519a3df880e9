import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interruptCli, runCli } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxgrad-lr-find-'));
  data = join(folder, 'data');
  await writeTinyDataset(data);
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

const SMALL = '--channels 4,8 --patch-size 16 --samples-per-volume 2 --batch-size 2'.split(' ');

const lrFind = (...args: string[]) =>
  runCli(['lr-find', '--data', data, ...SMALL, '--no-autotune', ...args]);

describe('lr-find', () => {
  test('suggests one of the rates that it tried, and leaves figure and numbers in a run folder', async () => {
    const out = join(folder, 'run');
    const { code, stdout, stderr } = await lrFind('--num-it', '12', '--out', out, '--json');
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.lrs[0]).toBe(1e-7);
    expect(result.lrs).toContain(result.valley);
    expect(result.steps).toBe(result.losses.length);
    expect(result.figure).toBe(join(out, 'figures', 'lr_find.png'));
    expect(stderr).toMatch(/training +12 steps, learning rate up to 10/);
    const files = await readdir(out, { recursive: true });
    expect(files.sort()).toEqual(['figures', 'figures/lr_find.png', 'lr_find.json']);
    const { valley, lrs, losses } = JSON.parse(await readFile(join(out, 'lr_find.json'), 'utf8'));
    expect({ valley, lrs, losses }).toMatchObject({
      valley: result.valley,
      lrs: result.lrs,
      losses: result.losses,
    });
    expect(decode(await readFile(result.figure)).width).toBeGreaterThan(600);

    // The folder is free for the training, which starts with the same weights and batches.
    const train = ['train', '--data', data, '--out', out, ...SMALL, '--no-autotune'];
    expect((await runCli([...train, '--steps', '1', '--lr', '2.5e-6'])).code).toBe(0);
    const history = JSON.parse(await readFile(join(out, 'history.json'), 'utf8'));
    expect(history.steps[0].loss).toBe(result.stepLosses[0]);
  });

  test('takes a schedule, settings from a file, and a name for the figure', async () => {
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ training: { accumulate: 2, epochs: 3 } }));
    const figure = join(folder, 'deep', 'lr.png');
    const schedule = ['--num-it', '8', '--start-lr', '1e-5', '--end-lr', '0.1', '--no-stop-div'];
    const result = await lrFind('--config', config, ...schedule, '--out', figure);
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('gradients of 2 batches per step');
    expect(result.stdout).toMatch(
      /suggested learning rate \S+: train with --lr [\d.e-]+\n8 steps in/,
    );
    expect(result.stdout).toContain(`figure: ${figure}`);
    expect(await readdir(join(folder, 'deep'))).toEqual(['lr.png']);
  });

  test('refuses what cannot be searched before it opens a GPU', async () => {
    const before = await readdir(folder);
    const falling = await lrFind('--start-lr', '1', '--end-lr', '0.1');
    expect(falling.code).toBe(1);
    expect(falling.stderr).toContain('0 < startLr < endLr');
    expect((await lrFind('--num-it', '3')).stderr).toContain('whole number from 6');
    expect((await lrFind('--lr', '1')).stderr).toContain('--help');
    expect(await readdir(folder)).toEqual(before);
  });

  test('Ctrl-C ends it between two steps', async () => {
    const args = ['lr-find', '--data', data, ...SMALL, '--no-autotune', '--num-it', '100000'];
    const { code, stdout } = await interruptCli(args, /MiB on the GPU per step/);
    expect(code).toBe(130);
    expect(stdout).toBe('');
  });
});
