import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { UNet } from '../../src/nn/unet.ts';
import { MedPatchDataLoaders } from '../../src/node/med_patch_data_loaders.ts';
import { readModelFile } from '../../src/node/predict_files.ts';
import { recordRun } from '../../src/node/record_run.ts';
import { listRuns } from '../../src/node/runs/run_store.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { randomFlip } from '../../src/patch/transforms/random_flip.ts';
import { zNormalization } from '../../src/patch/transforms/z_normalization.ts';
import { Rng } from '../../src/rng.ts';
import { Learner } from '../../src/train/learner.ts';
import { runSettings } from '../../src/train/run_config.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { testGpu } from '../helpers/gpu.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

/** Calls `use` with a learner of a tiny data set and the folder in which both are. */
async function withLearner(
  use: (learner: Learner, folder: string, names: readonly string[]) => Promise<void>,
): Promise<void> {
  const gpu = await testGpu();
  await inTemporaryFolder(async (folder) => {
    const names = await writeTinyDataset(folder, { subjects: 4 });
    const records = names.map((name) => ({
      image: join(folder, 'imagesTr', `${name}.nii.gz`),
      label: join(folder, 'labelsTr', `${name}.nii.gz`),
    }));
    const loaders = MedPatchDataLoaders.fromRecords(records, {
      patchConfig: patchConfig({ patchSize: [8, 8, 8], samplesPerVolume: 2 }),
      validPct: 0.25,
      bs: 2,
      seed: 3,
      numWorkers: 0,
      prePatchTfms: [zNormalization()],
      patchTfms: [randomFlip()],
    });
    const model = new UNet(gpu, Rng.seed(1), {
      inChannels: 1,
      outChannels: 2,
      channels: [4, 8],
      strides: [2],
    });
    const learner = new Learner({ gpu, model, loaders, seed: 3 });
    try {
      await use(learner, folder, names);
    } finally {
      learner.dispose();
      model.dispose();
      await loaders.close();
    }
  });
}

const json = async (...path: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(...path), 'utf8'));

const classNames = ['background', 'ball'];

describe('recordRun', () => {
  test('leaves a run that voxgrad runs lists, with settings that train --config takes', async () => {
    await withLearner(async (learner, data, names) => {
      const root = join(data, 'runs', 'tiny');
      const record = recordRun(learner, { root, data, classNames, test: ['unseen'] });
      const history = await learner.fitOneCycle(2, 0.01, { callbacks: [record] });

      const [run] = await listRuns(join(data, 'runs'));
      expect(run).toMatchObject({ id: 'tiny', state: 'finished' });
      const { train, validation, test: held } = await json(root, 'split.json');
      expect([...(train as string[]), ...(validation as string[])].sort()).toEqual(names);
      expect(held).toEqual(['unseen']);
      const settings = runSettings(await json(root, 'config.json'));
      expect(settings.training).toMatchObject({ epochs: 2, batchSize: 2, learningRate: 0.01 });
      expect(settings.augmentations).toMatchObject([{ name: 'RandomFlip' }]);
      expect(settings.patch.normalization).toMatchObject([{ name: 'ZNormalization' }]);
      const saved = await json(root, 'history.json');
      expect(saved).toMatchObject({ complete: true, totalSteps: history.totalSteps });

      const { stateDict } = await readModelFile(join(root, 'model.safetensors'));
      const weights = await learner.model.stateDict();
      for (const [name, { data: values }] of weights) {
        expect(stateDict.get(name)?.data).toEqual(values);
      }
    });
  });

  test('a fit that fails leaves what it did until then, and says that it was interrupted', async () => {
    await withLearner(async (learner, data) => {
      const root = join(data, 'runs', 'failing');
      const failing = {
        name: 'failing',
        afterBatch: ({ step }: { step: number }): void => {
          if (step === 1) throw new Error('power cut');
        },
      };
      const callbacks = [failing, recordRun(learner, { root, data, classNames })];
      await expect(learner.fitOneCycle(2, 0.01, { callbacks })).rejects.toThrow('power cut');
      const saved = await json(root, 'history.json');
      expect(saved.steps).toHaveLength(2);
      expect(saved.complete).toBeUndefined();
      expect(await listRuns(join(data, 'runs'))).toMatchObject([{ state: 'interrupted' }]);
    });
  });

  test('refuses loaders whose settings it cannot know', async () => {
    const gpu = await testGpu();
    const model = new UNet(gpu, Rng.seed(1), {
      inChannels: 1,
      outChannels: 2,
      channels: [4, 8],
      strides: [2],
    });
    const loaders = { train: { batches: 1, epoch: () => [] } };
    const learner = new Learner({ gpu, model, loaders });
    expect(() => recordRun(learner, { root: 'r', data: 'd', classNames })).toThrow(ConfigError);
    learner.dispose();
    model.dispose();
  });
});
