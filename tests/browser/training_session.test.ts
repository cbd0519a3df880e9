import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectTraining, type TrainingCase } from '../../src/browser/training_data.ts';
import { planTraining, type TrainSettings } from '../../src/browser/training_plan.ts';
import type { TrainProgress } from '../../src/browser/training_progress.ts';
import {
  TrainingSession,
  type TrainingSessionOptions,
} from '../../src/browser/training_session.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { predictFiles } from '../../src/node/predict_files.ts';
import { planRun } from '../../src/node/run_plan.ts';
import { trainRun } from '../../src/node/train_run.ts';
import { decodeModel } from '../../src/train/checkpoint.ts';
import { runSettings } from '../../src/train/run_config.ts';
import { blobCases } from '../helpers/blob_cases.ts';
import { testGpu } from '../helpers/gpu.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

const SETTINGS: TrainSettings = {
  steps: 14,
  samplesPerVolume: 2,
  seed: 3,
  patchSize: [8, 8, 8],
  classNames: ['background', 'ball'],
};

let dir: string;
let cases: TrainingCase[];
/** Without a pause, a stop or a loss. */
let plain: Uint8Array;

/** Whether bytes are the same; an assertion on the arrays would print them. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function session(options: Partial<TrainingSessionOptions> = {}) {
  const messages: TrainProgress[] = [];
  const training = new TrainingSession({
    cases,
    settings: SETTINGS,
    openGpu: testGpu,
    ...options,
    onProgress: (message) => {
      messages.push(message);
      options.onProgress?.(message);
    },
  });
  return { training, messages };
}

const stepsOf = (messages: readonly TrainProgress[]) => messages.flatMap(({ steps }) => steps);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'voxgrad-test-'));
  cases = await blobCases(dir, await writeTinyDataset(dir, { subjects: 5 }));
  plain = (await session().training.run()).file;
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe('TrainingSession', () => {
  it('gives the bytes of `voxgrad train` with the same settings', async () => {
    const plan = planTraining(await inspectTraining(cases), SETTINGS);
    const gpu = await testGpu();
    const run = await planRun(dir, runSettings(plan.run));
    const { folder } = await trainRun({ gpu, plan: run, out: join(dir, 'run') });
    expect(same(await readFile(folder.model), plain)).toBe(true);
  });

  it('lowers the loss, tells every step once and every epoch', async () => {
    const { training, messages } = session({ settings: { ...SETTINGS, steps: 40 } });
    const { history, best } = await training.run();
    const steps = stepsOf(messages);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(steps.at(-1)!.smoothed).toBeLessThan(steps[0]!.loss - 0.2);
    expect(messages.flatMap(({ epochs }) => epochs)).toEqual(history.epochs);
    expect(best).toEqual(history.epochs.findLast(({ isBest }) => isBest));
    expect(new Set(messages.map(({ stage }) => stage))).toContain('validating');
  });

  it('predicts the scans as they come', async () => {
    const model = decodeModel(plain);
    const images = new Map(
      cases.map(({ name }) => [name, join(dir, 'imagesTr', `${name}.nii.gz`)]),
    );
    const out = join(dir, 'predictions');
    const predictions = await predictFiles({ gpu: await testGpu(), model, images, out });
    expect(predictions.map(({ path }) => path).length).toBe(5);
  });

  it('goes on with another device after a loss, to the same bytes', async () => {
    const devices: Gpu[] = [];
    const { training, messages } = session({
      checkpointSeconds: 0,
      openGpu: async () => {
        const gpu = await openGpu();
        devices.push(gpu);
        return gpu;
      },
      onProgress: ({ steps }) => {
        if (devices.length === 1 && steps.some(({ step }) => step >= 6)) devices[0]!.destroy();
      },
    });
    const { file, devicesLost, history } = await training.run();
    devices[1]!.destroy();
    expect(devicesLost).toBe(1);
    expect(devices.length).toBe(2);
    expect(same(file, plain)).toBe(true);
    expect(history.steps.length).toBe(14);
    const restart = messages.find((message) => message.restart)?.restart;
    expect(restart?.steps).toBeGreaterThan(0);
  });

  it('gives up on devices that are lost again and again', async () => {
    const devices: Gpu[] = [];
    const { training } = session({
      openGpu: async () => {
        const gpu = await openGpu();
        devices.push(gpu);
        gpu.destroy();
        return gpu;
      },
    });
    await expect(training.run()).rejects.toThrow(/lost/);
    expect(devices.length).toBe(4);
  });

  it('holds while it is paused, gives its weights meanwhile, and ends in the same bytes', async () => {
    let paused: (() => void) | undefined;
    const isPaused = new Promise<void>((resolve) => {
      paused = resolve;
    });
    const { training, messages } = session({
      onProgress: ({ stage }) => {
        if (stage === 'reading') training.pause();
        if (stage === 'paused') paused?.();
      },
    });
    const running = training.run();
    await isPaused;
    const before = stepsOf(messages).length;
    const early = decodeModel(await training.model());
    expect(early.classNames).toEqual(['background', 'ball']);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(stepsOf(messages).length).toBe(before);
    training.resume();
    expect(same((await running).file, plain)).toBe(true);
    expect(same(await training.model(), plain)).toBe(true);
  });

  it('keeps the best weights when it is stopped', async () => {
    let atBest: Promise<Uint8Array> | undefined;
    const { training } = session({
      onProgress: ({ epochs }) => {
        if (epochs.length === 0 || atBest) return;
        atBest = training.model();
        training.stop();
      },
    });
    const { file, isStopped, history, best } = await training.run();
    expect(isStopped).toBe(true);
    expect(history.steps.length).toBeLessThan(14);
    expect(best?.epoch).toBe(0);
    expect(same(file, await atBest!)).toBe(true);
  });

  it('stops while it is paused, and keeps the last weights if none were validated', async () => {
    const { training } = session({
      onProgress: ({ stage }) => {
        if (stage === 'reading') training.pause();
        if (stage === 'paused') training.stop();
      },
    });
    const { isStopped, best, history } = await training.run();
    expect(isStopped).toBe(true);
    expect(best).toBeUndefined();
    expect(history.steps.length).toBeLessThan(4);
  });

  it('ends with the reason of an abort', async () => {
    const controller = new AbortController();
    const { training } = session({
      signal: controller.signal,
      onProgress: ({ stage }) => stage === 'training' && controller.abort(new Error('enough')),
    });
    await expect(training.run()).rejects.toThrow('enough');
  });

  it('trains a model further, whose network and classes stay', async () => {
    const start = decodeModel(plain);
    const { training } = session({ start, settings: { steps: 3, samplesPerVolume: 2 } });
    const { file, plan } = await training.run();
    const further = decodeModel(file);
    expect(plan.run.training.learningRate).toBe(3e-4);
    expect(further.architecture).toEqual(start.architecture);
    expect(further.patchConfig.patchSize).toEqual([8, 8, 8]);
    expect(further.stateDict).not.toEqual(start.stateDict);
  });

  it('refuses what does not fit into the memory, with numbers and a smaller patch', async () => {
    const { training } = session({
      settings: { ...SETTINGS, patchSize: [16, 16, 16], gpuBytes: 1.5 * 2 ** 20 },
    });
    await expect(training.run()).rejects.toThrow(/16.*MiB.*1.5 MiB.*Choose patches of/);
  });
});
