import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonFile } from '../../src/node/whole_file.ts';
import type { History, StepRecord } from '../../src/train/history.ts';
import { runSettings } from '../../src/train/run_config.ts';

export interface RecordedRun {
  readonly steps?: number;
  readonly totalSteps?: number;
  readonly stepsPerEpoch?: number;
  readonly learningRate?: number;
  /** Dice of the epochs, NaN for none. */
  readonly dice?: readonly number[];
}

/** A step of a loss that falls from 1.5. */
export const recordedStep = (step: number, stepsPerEpoch = 5): StepRecord => ({
  step,
  epoch: Math.floor(step / stepsPerEpoch),
  loss: 1.5 * 0.97 ** step,
  lr: 0.001 * (1 + step),
  momentum: 0.9,
});

export function recordedHistory(run: RecordedRun = {}): History {
  const { totalSteps = 20, steps = totalSteps, stepsPerEpoch = 5, dice = [] } = run;
  const epochs = Array.from({ length: Math.floor(steps / stepsPerEpoch) }, (_, epoch) => ({
    epoch,
    steps: (epoch + 1) * stepsPerEpoch,
    trainLoss: 1.4 * 0.8 ** epoch,
    validLoss: 1.3 * 0.8 ** epoch,
    accumulatedDice: dice[epoch] ?? 1 - 0.5 * 0.8 ** epoch,
    isBest: true,
    seconds: 12.5,
  }));
  return {
    totalSteps,
    lrMax: run.learningRate ?? 0.01,
    lossName: 'DiceCELoss',
    steps: Array.from({ length: steps }, (_, step) => recordedStep(step, stepsPerEpoch)),
    epochs,
  };
}

/** Writes what a training leaves, without having trained. */
export async function writeRecordedRun(root: string, run: RecordedRun = {}): Promise<void> {
  const history = recordedHistory(run);
  const settings = runSettings({
    patch: { patchSize: [32, 32, 16], targetSpacing: [1, 1, 1.37] },
    network: { channels: [8, 16], strides: [2] },
    training: { steps: history.totalSteps, learningRate: history.lrMax },
  });
  await mkdir(join(root, 'figures'), { recursive: true });
  await writeJsonFile(join(root, 'config.json'), settings);
  await writeJsonFile(join(root, 'split.json'), { train: ['a'], validation: ['b'], test: ['c'] });
  await writeJsonFile(join(root, 'history.json'), history);
}

/** Half of a JSON file, as a full disk leaves it. */
export async function damage(path: string): Promise<void> {
  await writeFile(path, '{"totalSteps": 20, "steps": [');
}
