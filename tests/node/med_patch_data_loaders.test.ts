import { existsSync } from 'node:fs';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import {
  type FromRecordsOptions,
  MedPatchDataLoaders,
} from '../../src/node/med_patch_data_loaders.ts';
import { type PartialPatchConfig, patchConfig } from '../../src/patch/patch_config.ts';
import { randomFlip } from '../../src/patch/transforms/random_flip.ts';
import { zNormalization } from '../../src/patch/transforms/z_normalization.ts';
import type { Batch, BatchLoader } from '../../src/train/batch.ts';
import { fromDfSplit } from '../../src/train/split.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

const CONFIG: PartialPatchConfig = { patchSize: [8, 8, 8], samplesPerVolume: 2, queueLength: 8 };

const madeUp = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ image: `i${n}.nii`, label: `l${n}.nii`, age: n }));

function from<R extends object>(
  records: readonly R[],
  options: Partial<FromRecordsOptions> = {},
  config: PartialPatchConfig = {},
): MedPatchDataLoaders<R> {
  const all = { ...CONFIG, ...config };
  return MedPatchDataLoaders.fromRecords(records, { patchConfig: patchConfig(all), ...options });
}

async function batchesOf(loader: BatchLoader, epoch = 0, signal?: AbortSignal): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader.epoch(epoch, { signal })) batches.push(batch);
  return batches;
}

/** Calls `use` with records of real files. */
async function withFiles(
  subjects: number,
  use: (records: { image: string; label: string }[], folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const names = await writeTinyDataset(folder, { subjects });
    const records = names.map((name) => ({
      image: join(folder, 'imagesTr', `${name}.nii.gz`),
      label: join(folder, 'labelsTr', `${name}.nii.gz`),
    }));
    await use(records, folder);
  });
}

describe('MedPatchDataLoaders.fromRecords', () => {
  test('splits as fastMONAI does, and opens no file', () => {
    const records = madeUp(14);
    const dls = from(records, { validPct: 0.1, seed: 42 });
    const { train, valid } = fromDfSplit(14, { validPct: 0.1, seed: 42 });
    expect(dls.trainRecords).toEqual(train.map((row) => records[row]));
    expect(dls.validRecords).toEqual(valid.map((row) => records[row]));
    expect([dls.trainRecords.length, dls.validRecords.length]).toEqual([13, 1]);
    // 13 volumes with 2 patches each in batches of 4; the last, of two patches, is dropped.
    expect([dls.bs, dls.train.batches, dls.valid?.batches]).toEqual([4, 6, 1]);
  });

  test('a column may decide instead, and columns may have any name', () => {
    const records = madeUp(4).map(({ image, label, age }) => ({
      scan: image,
      mask: label,
      isValid: age % 2 === 1,
    }));
    const options = { imgCol: 'scan', maskCol: 'mask', validCol: 'isValid' };
    const dls = from(records, options);
    expect(dls.trainRecords).toEqual([records[0], records[2]]);
    expect(dls.validRecords).toEqual([records[1], records[3]]);
    expect(() => from(records)).toThrow(/no path.*'image'.*scan, mask, isValid/);
    expect(() => from(madeUp(4), { validCol: 'age' })).toThrow(/does not say whether it validates/);
    expect(() => from(records, { ...options, validPct: 0.5 })).not.toThrow();
  });

  test('without rows that validate there is no such loader, without rows that train an error', () => {
    expect(from(madeUp(3), { validPct: 0 }).valid).toBeUndefined();
    expect(from(madeUp(3), { validPct: 0 }).validRecords).toEqual([]);
    expect(() => from([])).toThrow(ConfigError);
    expect(() => from(madeUp(2), { validPct: 1 })).toThrow(/no row is left to train on/);
  });

  test('arguments win over the configuration, with a warning where they differ', () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const settings = { applyReorder: true, targetSpacing: [1, 1, 2] } as const;
    const same = from(madeUp(5), { ...settings, onWarning }, settings);
    expect(warnings).toEqual([]);
    expect(same.config.targetSpacing).toEqual([1, 1, 2]);
    const other = from(
      madeUp(5),
      { applyReorder: false, targetSpacing: null, onWarning },
      settings,
    );
    expect(other.config).toMatchObject({ applyReorder: false, targetSpacing: null });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/applyReorder of the arguments, false, wins.*true/);
    expect(warnings[1]).toMatch(/targetSpacing of the arguments, null, wins.*\[1,1,2\]/);
    const normalized = from(madeUp(5), { prePatchTfms: [zNormalization()], onWarning });
    expect(normalized.config.normalization).toMatchObject([{ name: 'ZNormalization' }]);
    expect(warnings).toHaveLength(2);
  });

  test('refuses random transforms before patches are cut', () => {
    expect(() => from(madeUp(5), { prePatchTfms: [randomFlip({ axes: [0] })] })).toThrow(
      /a random transform/,
    );
  });

  test('gives the same bytes for 0, 1, 2 and 4 threads, augmented and in every epoch', async () => {
    await withFiles(6, async (records) => {
      const runs: Batch[][] = [];
      for (const numWorkers of [0, 1, 2, 4]) {
        const dls = from(records, {
          numWorkers,
          seed: 7,
          prePatchTfms: [zNormalization()],
          patchTfms: [randomFlip({ axes: [0, 1], flipProbability: 0.5 })],
          targetSpacing: [1.3, 1.5, 1.5],
        });
        const batches = [
          ...(await batchesOf(dls.train, 0)),
          ...(await batchesOf(dls.valid!, 0)),
          ...(await batchesOf(dls.train, 1)),
        ];
        expect(batches).toHaveLength(2 * dls.train.batches + dls.valid!.batches);
        runs.push(batches);
        await dls.close();
      }
      for (const run of runs) expect(run).toEqual(runs[0]);
    });
  });

  test('gives subjects one by one, preprocessed, with their paths and rows', async () => {
    await withFiles(4, async (records) => {
      const dls = from(records, { validPct: 0.5, targetSpacing: [2, 2, 2], numWorkers: 1 });
      const { subjectsDataset } = dls.valid!;
      expect(subjectsDataset.length).toBe(2);
      let n = 0;
      for await (const subject of subjectsDataset) {
        const record = dls.validRecords[n++]!;
        expect(subject.record).toBe(record);
        expect([subject.imagePath, subject.labelPath]).toEqual([record.image, record.label]);
        expect(subject.image.shape).toEqual([1, 8, 12, 16]);
        expect(subject.label?.shape).toEqual(subject.image.shape);
      }
      expect(n).toBe(2);
      await dls.close();
    });
  });

  test('shows a batch, augmented as the network will see it', async () => {
    await withFiles(3, async (records, folder) => {
      const path = join(folder, 'figures', 'batch.png');
      const dls = from(records, { bs: 2, validPct: 0, numWorkers: 0 });
      const png = await dls.showBatch({ path });
      expect(existsSync(path)).toBe(true);
      const patchTfms = [randomFlip({ axes: [0], flipProbability: 1 })];
      const flipped = from(records, { bs: 2, validPct: 0, numWorkers: 0, patchTfms });
      const [plain, turned] = [await dls.train.oneBatch(), await flipped.train.oneBatch()];
      expect(turned.image.subarray(0, 64)).toEqual(plain.image.subarray(448, 512));
      expect(await flipped.showBatch()).not.toEqual(png);
      expect(await dls.showBatch()).toEqual(png);
    });
  });

  test('a volume damaged and a file gone in the middle of an epoch: skipped, or fatal, as told', async () => {
    await withFiles(8, async (records) => {
      const warnings: string[] = [];
      const options = {
        bs: 2,
        validPct: 0,
        numWorkers: 2,
        onWarning: (message: string) => warnings.push(message),
      };
      const skipping = from(records, { ...options, onUnreadable: 'skip' });
      const strict = from(records, options);
      const seen: string[] = [];
      let damaged: string[] = [];
      for await (const { names } of skipping.train.epoch(0)) {
        seen.push(...names!);
        if (damaged.length > 0) continue;
        // What has not been read ahead by now: the last in the order of this epoch.
        const left = records.filter(
          ({ image }) => !seen.some((name) => image.includes(`${name}.`)),
        );
        await truncate(left.at(-1)!.image, 2500);
        await rm(left.at(-2)!.label);
        damaged = [left.at(-1)!.image, left.at(-2)!.label];
      }
      expect(seen).toHaveLength(2 * skipping.train.batches);
      const next = (await batchesOf(skipping.train, 1)).flatMap(({ names }) => names!);
      expect(next).toHaveLength(2 * skipping.train.batches);
      expect(new Set(next).size).toBe(6);
      expect(warnings).toHaveLength(2);
      for (const path of damaged) {
        expect(warnings.filter((line) => line.includes(path) && /skipped/.test(line))).toHaveLength(
          1,
        );
      }
      await expect(batchesOf(strict.train)).rejects.toThrow(/could not be loaded.*nii\.gz/);
      expect(warnings).toHaveLength(2);
      await Promise.all([skipping.close(), strict.close()]);
    });
  });

  test('an abort ends an epoch at once and leaves loaders that work', async () => {
    await withFiles(4, async (records) => {
      const dls = from(records, { numWorkers: 2, validPct: 0 });
      const controller = new AbortController();
      const reason = new Error('enough');
      controller.abort(reason);
      await expect(batchesOf(dls.train, 0, controller.signal)).rejects.toBe(reason);
      const late = new AbortController();
      const reading = batchesOf(dls.train, 0, late.signal);
      setTimeout(() => late.abort(reason), 5);
      await expect(reading).rejects.toBe(reason);
      expect(await batchesOf(dls.train, 0)).toHaveLength(2);
      await dls.close();
    });
  });
});
