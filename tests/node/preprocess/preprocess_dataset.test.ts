import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { spacingOf } from '../../../src/io/affine.ts';
import { parseDatasetJson } from '../../../src/io/dataset_json.ts';
import { axisCodes } from '../../../src/io/orientation.ts';
import { readSubject } from '../../../src/node/dataset_folder.ts';
import { readNiftiFile } from '../../../src/node/nifti_file.ts';
import {
  type PreprocessDatasetOptions,
  preprocessDataset,
} from '../../../src/node/preprocess/preprocess_dataset.ts';
import { planRun, type RunPlan } from '../../../src/node/run_plan.ts';
import { preprocessingOf } from '../../../src/patch/preprocessing.ts';
import { dataLoaders } from '../../../src/train/data_loaders.ts';
import { runSettings } from '../../../src/train/run_config.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { writeTinyDataset } from '../../helpers/tiny_dataset.ts';

const SETTINGS = { patch: { targetSpacing: [1.25, 1.4, 1.7] } };

/** Six balls in three orientations, and a folder for the results. */
function withBalls(
  use: (
    data: string,
    out: string,
    run: (options?: Partial<PreprocessDatasetOptions>) => ReturnType<typeof preprocessDataset>,
  ) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const [data, out] = [join(folder, 'balls'), join(folder, 'ready')];
    await writeTinyDataset(data, { side: 24 });
    const settings = runSettings(SETTINGS);
    await use(data, out, (options) =>
      preprocessDataset({ data, out, settings, workers: 1, ...options }),
    );
  });
}

const modifiedIn = async (folder: string): Promise<Record<string, number>> => {
  const names = await readdir(folder);
  const facts = names.map(async (name) => [name, (await stat(join(folder, name))).mtimeMs]);
  return Object.fromEntries(await Promise.all(facts));
};

/** The first two epochs of training and the first of validation. */
async function batchesOf({ run, split, subjects, classNames }: RunPlan) {
  const files = (names: readonly string[]) => names.map((name) => subjects.get(name)!);
  const { train, valid } = dataLoaders({
    train: files(split.train),
    valid: files(split.validation),
    readSubject: (record) =>
      readSubject(record, { binary: run.binary, classes: classNames.length }),
    config: run.patch,
    batchSize: 2,
    seed: 3,
  });
  const batches = [];
  for (const epoch of [train.epoch(0), train.epoch(1), valid!.epoch(0)]) {
    for await (const batch of epoch) batches.push(batch);
  }
  return batches;
}

describe('preprocessDataset', () => {
  test('trainings on the scans and on the result take the same bits', () =>
    withBalls(async (data, out, run) => {
      const given = runSettings({ ...SETTINGS, patch: { ...SETTINGS.patch, samplesPerVolume: 2 } });
      await run();
      const raw = await planRun(data, given);
      const ready = await planRun(out, runSettings({ patch: { samplesPerVolume: 2 } }));
      const [a, b] = [await batchesOf(raw), await batchesOf(ready)];
      expect(a.length).toBeGreaterThan(8);
      expect(b.map(({ imageShape }) => imageShape)).toEqual(a.map(({ imageShape }) => imageShape));
      const same = (x: ArrayBufferView, y: ArrayBufferView): boolean =>
        Buffer.compare(Buffer.from(x.buffer), Buffer.from(y.buffer)) === 0;
      for (const [n, { image, label }] of a.entries()) {
        expect(new Set(label).size).toBe(2);
        expect(same(image, b[n]!.image)).toBe(true);
        expect(same(label, b[n]!.label)).toBe(true);
      }
    }));

  test('plans are the same, and the model will know what scans need', () =>
    withBalls(async (data, out, run) => {
      await run();
      const raw = await planRun(data, runSettings(SETTINGS));
      const ready = await planRun(out, runSettings({}));
      expect(ready.run).toEqual({ ...raw.run, patch: { ...raw.run.patch, preprocessed: true } });
      expect(ready.analysis).toEqual(raw.analysis);
      expect(ready.memory).toEqual(raw.memory);
      expect(ready.split).toEqual(raw.split);
      expect(ready.classNames).toEqual(raw.classNames);
      expect(preprocessingOf(ready.run.patch)).toEqual(preprocessingOf(raw.run.patch));
      const other = runSettings({ patch: { targetSpacing: [1, 1, 1] } });
      await expect(planRun(out, other)).rejects.toThrow(/preprocessed otherwise/);
    }));

  test('spacing that nobody gave is planned from the subjects that training sees', () =>
    withBalls(async (data, out, run) => {
      const settings = runSettings({ split: { testPct: 0.3 } });
      const { preprocessing } = await run({ settings });
      const raw = await planRun(data, settings);
      const ready = await planRun(out, settings);
      expect(preprocessing.targetSpacing).toEqual(raw.run.patch.targetSpacing);
      expect(ready.run).toEqual({ ...raw.run, patch: { ...raw.run.patch, preprocessed: true } });
      expect(ready.analysis.medianSize).toEqual(raw.analysis.medianSize);
    }));

  test('writes images as float32 in RAS+ at the spacing, label maps as small integers', () =>
    withBalls(async (data, out, run) => {
      expect(await run()).toMatchObject({ out, subjects: 6, kept: 0 });
      const image = await readNiftiFile(join(out, 'imagesTr', 'ball_1_b.nii.gz'));
      expect(image.header.datatype).toBe('float32');
      expect(axisCodes(image.affine)).toBe('RAS');
      spacingOf(image.affine).forEach((mm, axis) => {
        expect(mm).toBeCloseTo(SETTINGS.patch.targetSpacing[axis]!, 6);
      });
      const mean = Array.from(image.data).reduce((sum, value) => sum + value) / image.data.length;
      expect(mean).toBeCloseTo(0, 5);
      const label = await readNiftiFile(join(out, 'labelsTr', 'ball_1_b.nii.gz'));
      expect(label.header.datatype).toBe('uint8');
      expect(label.shape).toEqual(image.shape);
      expect(new Set(label.data)).toEqual(new Set([0, 1]));
      const json = parseDatasetJson(await readFile(join(out, 'dataset.json'), 'utf8'));
      expect(json.training).toHaveLength(6);
      expect(json.labels).toEqual(
        parseDatasetJson(await readFile(join(data, 'dataset.json'), 'utf8')).labels,
      );
      expect(json.preprocessing?.grids.ball_1_b).toEqual({
        size: [24, 24, 24],
        spacing: [1, 1.5, 2],
      });
    }));

  test('what is there and whole is kept; what changed is done again', () =>
    withBalls(async (data, out, run) => {
      await run();
      const images = join(out, 'imagesTr');
      const before = await modifiedIn(images);
      expect((await run()).kept).toBe(6);
      expect(await modifiedIn(images)).toEqual(before);

      await rm(join(images, 'ball_1_a.nii.gz'));
      await writeFile(join(out, 'labelsTr', 'ball_1_b.nii.gz'), 'half');
      const source = join(data, 'imagesTr', 'ball_2_a.nii.gz');
      await writeFile(source, await readFile(join(data, 'imagesTr', 'ball_2_b.nii.gz')));
      await writeFile(
        source.replace('images', 'labels'),
        await readFile(join(data, 'labelsTr', 'ball_2_b.nii.gz')),
      );
      expect((await run()).kept).toBe(3);
      const after = await modifiedIn(images);
      const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
      expect(changed).toEqual(['ball_1_a.nii.gz', 'ball_1_b.nii.gz', 'ball_2_a.nii.gz']);
    }));

  test('an abort leaves no data set, and the next call does the rest', () =>
    withBalls(async (_, out, run) => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const onProgress = (done: number): void => {
        if (done === 2) controller.abort(reason);
      };
      await expect(run({ signal: controller.signal, onProgress })).rejects.toBe(reason);
      expect(existsSync(join(out, 'dataset.json'))).toBe(false);
      const { kept } = await run();
      expect(kept).toBeGreaterThanOrEqual(2);
      expect(kept).toBeLessThan(6);
    }));

  test('threads change nothing', () =>
    withBalls(async (_, out, run) => {
      await run();
      const two = `${out}_two`;
      await run({ out: two, workers: 2 });
      for (const file of ['imagesTr/ball_3_b.nii.gz', 'labelsTr/ball_3_b.nii.gz', 'dataset.json']) {
        expect(await readFile(join(two, file))).toEqual(await readFile(join(out, file)));
      }
    }));

  test('a scan that cannot be preprocessed is named when all others are done', () =>
    withBalls(async (data, out, run) => {
      const path = join(data, 'imagesTr', 'ball_2_a.nii.gz');
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, bytes.length - 2000));
      await expect(run()).rejects.toThrow(/1 of 6 subjects .* 'ball_2_a': .*--exclude/);
      expect(existsSync(join(out, 'dataset.json'))).toBe(false);
      const settings = runSettings({ ...SETTINGS, split: { exclude: ['2_a'] } });
      expect(await run({ settings })).toMatchObject({ subjects: 5, kept: 5 });
      const json = parseDatasetJson(await readFile(join(out, 'dataset.json'), 'utf8'));
      expect(json.training).toHaveLength(5);
    }));

  test('never writes over the scans, another data set, or other results, unless told to', () =>
    withBalls(async (data, out, run) => {
      await expect(run({ out: join(data, '.') })).rejects.toThrow(/would replace the scans/);
      await run();
      await expect(run({ data: out, out: `${out}_2` })).rejects.toThrow(/otherwise|before/);
      const ready = { data: out, out: `${out}_2`, settings: runSettings({}) };
      await expect(run(ready)).rejects.toThrow(/preprocessed before/);
      const settings = runSettings({ patch: { targetSpacing: [2, 2, 2] } });
      await expect(run({ settings })).rejects.toThrow(/preprocessed otherwise/);
      expect(await run({ settings, overwrite: true })).toMatchObject({ kept: 0 });
      const other = `${out}_3`;
      await mkdir(other);
      await writeFile(join(other, 'dataset.json'), '{}');
      await expect(run({ out: other })).rejects.toThrow(/another data set/);
      expect(await readdir(other)).toEqual(['dataset.json']);
    }));
});
