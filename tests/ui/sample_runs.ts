/** A folder of runs as training, predict and evaluate would leave it, made in seconds. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeMetrics } from '../../src/cli/evaluate.ts';
import { writeDemoDataset } from '../../src/node/demo/demo_dataset.ts';
import { evaluateFiles } from '../../src/node/evaluate_files.ts';
import { plotCurves } from '../../src/node/figure/plot_curves.ts';
import { readNiftiFile, writeNiftiFile } from '../../src/node/nifti_file.ts';
import { caseName, niftiFiles } from '../../src/node/nifti_names.ts';
import { pairPredictions } from '../../src/node/prediction_pairs.ts';
import { runFolder } from '../../src/node/run_folder.ts';
import { LiveRecord } from '../../src/node/runs/live_record.ts';
import { writeJsonFile, writeWholeFile } from '../../src/node/whole_file.ts';
import {
  damage,
  recordedHistory,
  recordedStep,
  writeRecordedRun,
} from '../helpers/recorded_run.ts';

export interface SampleRuns {
  readonly runs: string;
  readonly data: string;
}

/** A label map moved by some voxels, as a network that is not quite right would draw it. */
async function writeMoved(label: string, by: number, out: string): Promise<void> {
  const { data, shape, affine } = await readNiftiFile(label);
  const moved = new Float32Array(data.length);
  const row = shape[3]!;
  for (let n = by * row; n < data.length; n++) moved[n] = data[n - by * row]!;
  await writeNiftiFile(out, { data: moved, shape, affine }, { datatype: 'uint8' });
}

/** The `name` of the two finished runs: steps, learning rate, predictions of the unseen scans and metrics. */
async function writeEvaluatedRun(
  { runs, data }: SampleRuns,
  name: string,
  shift: number,
  learningRate: number,
): Promise<void> {
  const root = join(runs, name);
  const steps = { totalSteps: 60, stepsPerEpoch: 10, learningRate };
  await writeRecordedRun(root, steps);
  const labels = await niftiFiles(join(data, 'labelsTs'));
  await writeJsonFile(runFolder(root).split, {
    train: [...(await niftiFiles(join(data, 'imagesTr'))).keys()],
    validation: [],
    test: [...labels.keys()],
  });
  const predictions = join(root, 'predictions');
  await mkdir(predictions);
  let n = 0;
  for (const [scan, path] of labels) {
    await writeMoved(path, shift + n++, join(predictions, `${scan}_pred.nii.gz`));
  }
  const pairs = await pairPredictions(predictions, join(data, 'labelsTs'));
  await writeMetrics(predictions, await evaluateFiles({ pairs, binary: true }));
  const { steps: records, epochs } = recordedHistory(steps);
  const png = await plotCurves({
    stepLosses: records.map(({ loss }) => loss),
    epochs: epochs.map(({ steps: step, validLoss, accumulatedDice: dice }) => ({
      step,
      validLoss,
      dice,
    })),
  });
  await writeWholeFile(join(root, 'figures', 'training.png'), png);
}

/** Runs `first` and `second`, with predictions, and `broken`; and the scans. */
export async function writeSampleRuns(folder: string): Promise<SampleRuns> {
  const sample = { runs: join(folder, 'runs'), data: join(folder, 'data') };
  await writeDemoDataset(sample.data, { training: 2, unseen: 3, seed: 3 });
  await writeEvaluatedRun(sample, 'first', 1, 0.01);
  await writeEvaluatedRun(sample, 'second', 3, 0.02);
  await writeRecordedRun(join(sample.runs, 'broken'));
  await damage(join(sample.runs, 'broken', 'history.json'));
  // An image that is none.
  const [image] = (await niftiFiles(join(sample.data, 'imagesTr'))).values();
  await copyFile(join(sample.runs, 'broken', 'history.json'), image!);
  return sample;
}

/** The name of the scan that cannot be read. */
export async function unreadableScan({ data }: SampleRuns): Promise<string> {
  const [image] = (await niftiFiles(join(data, 'imagesTr'))).values();
  return caseName(image!);
}

const STEPS_PER_EPOCH = 5;
const STEPS = 15;

/** Writes the run `live` step by step, as a training process does; ends when all steps are there. */
export async function trainSlowly({ runs, data }: SampleRuns, everyMs: number): Promise<void> {
  const root = join(runs, 'live');
  await writeRecordedRun(root, { totalSteps: STEPS, steps: 0 });
  const live = await LiveRecord.start({
    root,
    data,
    classNames: ['background', 'left atrium'],
    parameters: 12345,
    totalSteps: STEPS,
    resumed: false,
  });
  for (let step = 0; step < STEPS; step++) {
    live.step(recordedStep(step, STEPS_PER_EPOCH));
    if ((step + 1) % STEPS_PER_EPOCH === 0) {
      const history = recordedHistory({
        totalSteps: STEPS,
        steps: step + 1,
        stepsPerEpoch: STEPS_PER_EPOCH,
      });
      await writeJsonFile(runFolder(root).history, history);
      live.saved(step + 1);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  await live.end();
}
