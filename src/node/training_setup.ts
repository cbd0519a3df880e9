/** What a plan trains: network, learner and batches. */
import type { Gpu } from '../gpu/device.ts';
import { trainingPreprocessingOf } from '../patch/preprocessing.ts';
import { type RunLearner, runLearner } from '../train/run_learner.ts';
import type { SubjectFiles } from './dataset_folder.ts';
import type { RunPlan } from './run_plan.ts';
import { SubjectLoader } from './subject_loader.ts';

export interface TrainingSetup extends Omit<RunLearner, 'dispose'> {
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
  const loader = new SubjectLoader({
    rule: { binary: run.binary, classes: classNames.length },
    preprocessing: trainingPreprocessingOf(run.patch),
    onWarning,
    numWorkers: run.training.numWorkers,
    queueNumWorkers: run.patch.queueNumWorkers,
  });
  const files = (names: readonly string[]): SubjectFiles[] =>
    names.map((name) => subjects.get(name)!);
  const parts = runLearner({
    gpu,
    run,
    inChannels,
    outChannels: classNames.length,
    data: {
      train: files(split.train),
      valid: files(split.validation),
      readSubject: (record, signal) => loader.load(record, signal),
      isPreprocessed: true,
      subjectBytes: (record) => loader.bytes(record),
      readers: Math.max(1, loader.numWorkers),
      onWarning,
    },
  });
  const dispose = async (): Promise<void> => {
    parts.dispose();
    await loader.close();
  };
  return { ...parts, dispose };
}
