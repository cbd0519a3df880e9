/** What a plan trains: network, learner and batches. */
import type { Gpu } from '../gpu/device.ts';
import { UNet } from '../nn/unet.ts';
import { trainingPreprocessingOf } from '../patch/preprocessing.ts';
import { transformFromSpec } from '../patch/transforms/from_spec.ts';
import { Rng } from '../rng.ts';
import type { DataLoaders } from '../train/batch.ts';
import { dataLoaders } from '../train/data_loaders.ts';
import { Learner } from '../train/learner.ts';
import type { SubjectFiles } from './dataset_folder.ts';
import type { RunPlan } from './run_plan.ts';
import { SubjectLoader } from './subject_loader.ts';

export interface TrainingSetup {
  /** Initial weights. */
  readonly model: UNet;
  readonly learner: Learner;
  readonly loaders: DataLoaders;
  /** Ends the threads that read, and gives back what model and learner hold. */
  dispose(): Promise<void>;
}

/**
 * The same for the same plan: weights, batches and their order. Reads no file yet.
 *
 * @param onWarning receives a sentence about each subject that is slow to arrive or skipped
 */
export function trainingSetup(
  gpu: Gpu,
  plan: RunPlan,
  onWarning: (message: string) => void = () => {},
): TrainingSetup {
  const { run, split, subjects, classNames, inChannels } = plan;
  const { seed, batchSize, weightDecay, accumulate, checkpointing, precision } = run.training;
  const { numWorkers, dataMemoryGiB, onUnreadable } = run.training;
  const rng = Rng.seed(seed);
  const network = { ...run.network, inChannels, outChannels: classNames.length };
  const loader = new SubjectLoader({
    rule: { binary: run.binary, classes: classNames.length },
    preprocessing: trainingPreprocessingOf(run.patch),
    onWarning,
    numWorkers,
    queueNumWorkers: run.patch.queueNumWorkers,
  });
  const files = (names: readonly string[]): SubjectFiles[] =>
    names.map((name) => subjects.get(name)!);
  const loaders = dataLoaders({
    train: files(split.train),
    valid: files(split.validation),
    readSubject: (record, signal) => loader.load(record, signal),
    isPreprocessed: true,
    subjectBytes: (record) => loader.bytes(record),
    readers: Math.max(1, loader.numWorkers),
    config: run.patch,
    batchSize,
    augmentations: run.augmentations.map(transformFromSpec),
    seed,
    onUnreadable,
    onWarning,
    ...(dataMemoryGiB === undefined ? {} : { maxBytes: Math.round(dataMemoryGiB * 2 ** 30) }),
  });
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
  const dispose = async (): Promise<void> => {
    learner.dispose();
    model.dispose();
    await loader.close();
  };
  return { model, learner, loaders, dispose };
}
