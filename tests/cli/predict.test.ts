import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { readNiftiFile, writeNiftiFile } from '../../src/node/nifti_file.ts';
import { runCli } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

let folder: string;
let model: string;
let images: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxgrad-predict-'));
  await writeTinyDataset(join(folder, 'data'));
  images = join(folder, 'data/imagesTr');
  const args = ['--channels', '4,8', '--patch-size', '12,12,12', '--samples-per-volume', '4'];
  const run = join(folder, 'run');
  const { code, stderr } = await runCli([
    ...['train', '--data', join(folder, 'data'), '--out', run, '--steps', '30', '--lr', '0.02'],
    ...['--test-pct', '0.3', '--spacing', '1,1.5,1.6', ...args],
  ]);
  if (code !== 0) throw new Error(stderr);
  model = join(run, 'model.safetensors');
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

const predict = (out: string, ...inputs: string[]) =>
  runCli(['predict', '--model', model, '--out', join(folder, out), ...inputs]);

describe('predict', () => {
  test('the unseen part of a split goes all the way to a table, on the scans own grids', async () => {
    const split = join(folder, 'run/split.json');
    const { code, stdout, stderr } = await predict('unseen', '--split', split, '--json', images);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    const { predictions } = JSON.parse(stdout);
    const { test: names } = JSON.parse(await readFile(split, 'utf8'));
    expect(predictions.map(({ name }: { name: string }) => name)).toEqual(names);
    for (const { image, prediction } of predictions) {
      const [scan, labels] = [await readNiftiFile(image), await readNiftiFile(prediction)];
      expect(labels.shape).toEqual(scan.shape);
      const header = (bytes: Uint8Array): Uint8Array => gunzipSync(bytes).subarray(252, 328);
      // qform and sform, codes and all, to the byte.
      expect(header(await readFile(prediction))).toEqual(header(await readFile(image)));
    }
    const metrics = await runCli([
      ...['evaluate', '--predictions', join(folder, 'unseen'), '--split', split, '--json'],
      ...['--labels', join(folder, 'data/labelsTr')],
    ]);
    expect(metrics.code).toBe(0);
    expect(JSON.parse(metrics.stdout).mean.dsc).toBeGreaterThan(0.8);
  });

  test('mirror images of each patch are averaged where asked for', async () => {
    const scan = join(images, 'ball_1_b.nii.gz');
    const labels = join(folder, 'data/labelsTr/ball_1_b.nii.gz');
    const truth = (await readNiftiFile(labels)).data;
    for (const args of [['--tta'], ['--tta-axes', 'LR,IS']]) {
      const { code, stdout } = await predict('mirrored', ...args, '--json', scan);
      expect(code).toBe(0);
      const { data } = await readNiftiFile(JSON.parse(stdout).predictions[0].prediction);
      const wrong = data.filter((value, n) => value !== truth[n]).length;
      expect(wrong / data.length).toBeLessThan(0.05);
    }
    const refused = await predict('axes', '--tta-axes', 'LR,UP', scan);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('LR, AP, IS');
  });

  test('smaller patches are taken where memory is short, and no illegal ones', async () => {
    const scan = join(images, 'ball_1_a.nii.gz');
    const { code, stdout } = await predict('small', '--patch-size', '8', '--json', scan);
    expect(code).toBe(0);
    const [{ prediction }] = JSON.parse(stdout).predictions;
    expect((await readNiftiFile(prediction)).shape).toEqual([1, 16, 16, 16]);
    const odd = await predict('odd', '--patch-size', '9', scan);
    expect(odd.code).toBe(1);
    expect(odd.stderr).toContain('not divisible by');
  });

  test('weights of overlapping patches are chosen by name', async () => {
    const scan = join(images, 'ball_1_a.nii.gz');
    const { code, stdout } = await predict('gaussian', '--weights', 'gaussian', '--json', scan);
    expect(code).toBe(0);
    const [{ prediction }] = JSON.parse(stdout).predictions;
    expect((await readNiftiFile(prediction)).shape).toEqual([1, 16, 16, 16]);
    const refused = await predict('weights', '--weights', 'flat', scan);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('hann, gaussian, constant');
    expect(await readdir(folder)).not.toContain('weights');
  });

  test('probabilities are saved as one volume per class on the grid of the scan', async () => {
    const scan = join(images, 'ball_1_b.nii.gz');
    const { code, stdout } = await predict('both', '--save-probabilities', '--json', scan);
    expect(code).toBe(0);
    const [{ prediction, probabilities }] = JSON.parse(stdout).predictions;
    expect((await readdir(join(folder, 'both'))).sort()).toEqual([
      'ball_1_b_pred.nii.gz',
      'ball_1_b_prob.nii.gz',
    ]);
    const [labels, maps] = [await readNiftiFile(prediction), await readNiftiFile(probabilities)];
    expect(maps.shape).toEqual([2, 16, 16, 16]);
    const placed = (bytes: Uint8Array): Uint8Array => gunzipSync(bytes).subarray(252, 328);
    expect(placed(await readFile(probabilities))).toEqual(placed(await readFile(scan)));
    let differ = 0;
    for (let voxel = 0; voxel < 16 ** 3; voxel++) {
      const [background, ball] = [maps.data[voxel]!, maps.data[16 ** 3 + voxel]!];
      expect(background + ball).toBeCloseTo(1, 5);
      if (ball > background !== (labels.data[voxel] === 1)) differ++;
    }
    // Labels are chosen at the network's spacing.
    expect(differ / 16 ** 3).toBeLessThan(0.1);
    // They are not taken for predictions.
    const labelsTr = join(folder, 'data/labelsTr');
    const both = ['--predictions', join(folder, 'both'), '--labels', labelsTr, '--subset'];
    const evaluated = await runCli(['evaluate', ...both, '--json']);
    expect(JSON.parse(evaluated.stdout).cases.length).toBe(1);
  });

  test('a file that is no image stops everything before the first result', async () => {
    const broken = join(folder, 'broken.nii.gz');
    await writeFile(broken, 'no image');
    const { code, stdout, stderr } = await predict(
      'broken',
      join(images, 'ball_1_a.nii.gz'),
      broken,
    );
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(broken);
    expect(await readdir(folder)).not.toContain('broken');
    const skipping = await predict(
      'skipping',
      ...['--json', '--skip-unreadable', broken, join(images, 'ball_1_a.nii.gz')],
    );
    expect(skipping.code).toBe(0);
    expect(skipping.stderr).toContain(`skipped ${broken}`);
    const { predictions } = JSON.parse(skipping.stdout);
    expect(predictions).toMatchObject([{ image: broken }, { name: 'ball_1_a' }]);
    expect(await readdir(join(folder, 'skipping'))).toEqual(['ball_1_a_pred.nii.gz']);
  });

  test('an image with other channels than the model reads is refused', async () => {
    const two = join(folder, 'two.nii.gz');
    await writeNiftiFile(
      two,
      volume(new Float32Array(2 * 512), [2, 8, 8, 8], fromSpacing([1, 1, 1])),
    );
    const { code, stderr } = await predict('two', two);
    expect(code).toBe(1);
    expect(stderr).toContain('2 channels');
  });

  test('two inputs of one name, a missing input and a file that is no model are refused', async () => {
    const scan = join(images, 'ball_1_a.nii.gz');
    expect((await predict('x', scan, images)).stderr).toContain('one name');
    expect((await predict('x', join(folder, 'nobody.nii'))).stderr).toContain('nobody.nii');
    const { code, stderr } = await runCli([
      'predict',
      '--model',
      scan,
      '--out',
      join(folder, 'x'),
      scan,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('ball_1_a.nii.gz: decode');
    expect(await readdir(folder)).not.toContain('x');
  });
});
