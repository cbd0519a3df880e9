/** What a plan trains: network, learner and batches. */
import type { Gpu } from '../gpu/device.ts';
import { UNet } from '../nn/unet.ts';
import { transformFromSpec } from '../patch/transforms/from_spec.ts';
import { Rng } from '../rng.ts';
import type { DataLoaders } from '../train/batch.ts';
import { dataLoaders } from '../train/data_loaders.ts';
import { Learner } from '../train/learner.ts';
import { readSubject, type SubjectFiles } from './dataset_folder.ts';
import type { RunPlan } from './run_plan.ts';

export interface TrainingSetup {
  /** Initial weights; the caller disposes model and learner. */
  readonly model: UNet;
  readonly learner: Learner;
  readonly loaders: DataLoaders;
}

/** The same for the same plan: weights, batches and their order. Reads no file yet. */
export function trainingSetup(gpu: Gpu, plan: RunPlan): TrainingSetup {
  const { run, split, subjects, classNames, inChannels } = plan;
  const { seed, batchSize, weightDecay, accumulate, checkpointing, precision } = run.training;
  const rng = Rng.seed(seed);
  const network = { ...run.network, inChannels, outChannels: classNames.length };
  const model = new UNet(gpu, rng.fold(0), network);
  const learner = new Learner({
    gpu,
    model,
    seed,
    adam: { weightDecay },
    accumulate,
    checkpointing,
    precision,
  });
  const files = (names: readonly string[]): SubjectFiles[] =>
    names.map((name) => subjects.get(name)!);
  const rule = { binary: run.binary, classes: classNames.length };
  const loaders = dataLoaders({
    train: files(split.train),
    valid: files(split.validation),
    readSubject: (record) => readSubject(record, rule),
    config: run.patch,
    batchSize,
    augmentations: run.augmentations.map(transformFromSpec),
    seed,
  });
  return { model, learner, loaders };
}
