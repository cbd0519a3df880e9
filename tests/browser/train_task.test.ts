import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrainingCase, type TrainingCase } from '../../src/browser/training_data.ts';
import type { TrainSettings } from '../../src/browser/training_plan.ts';
import { VoxgradWorker } from '../../src/browser/worker_client.ts';
import { ConfigError, FormatError } from '../../src/errors.ts';
import { decodeModel } from '../../src/train/checkpoint.ts';
import { exportLearner } from '../../src/train/load_learner.ts';
import { runLearner } from '../../src/train/run_learner.ts';
import { blobCases } from '../helpers/blob_cases.ts';
import { voxgradWorker } from '../helpers/fake_worker.ts';
import { testGpu } from '../helpers/gpu.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

const settings: TrainSettings = { steps: 9, samplesPerVolume: 2, patchSize: [8, 8, 8] };

let dir: string;
let images: TrainingCase[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'voxgrad-test-'));
  images = await blobCases(dir, await writeTinyDataset(dir, { subjects: 4, label: 2 }));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe('a training in the worker', () => {
  it('is that of a Learner with the same settings, to the byte', async () => {
    using engine = await VoxgradWorker.open(voxgradWorker());
    const { file, plan, history } = await engine.train({ images, settings }).result;
    const { run, split, classes, classNames } = plan;
    const pick = (names: readonly string[]) => images.filter(({ name }) => names.includes(name));
    const { learner, loaders, dispose } = runLearner({
      gpu: await testGpu(),
      run,
      inChannels: 1,
      outChannels: 2,
      data: {
        train: pick(split.train),
        valid: pick(split.validation),
        readSubject: (record) => readTrainingCase(record, classes),
      },
    });
    const expected = await learner.fitOneCycle(1, 3e-3, { loaders, steps: 9 });
    expect(same(file, await exportLearner(learner, { patchConfig: run.patch, classNames }))).toBe(
      true,
    );
    expect(history.steps).toEqual(expected.steps);
    dispose();
  });

  it('is looked at and planned before it starts', async () => {
    using engine = await VoxgradWorker.open(voxgradWorker());
    const data = await engine.inspectTraining(images).result;
    expect(data.channels).toBe(1);
    expect(data.labels).toMatchObject([{ value: 2, cases: 4 }]);
    const plan = await engine.planTraining(data, { settings });
    expect(plan.classNames).toEqual(['background', 'foreground']);
    expect(plan.memory.peak).toBeGreaterThan(plan.parameters * 4);
    await expect(engine.planTraining(data, { settings: { steps: 0 } })).rejects.toThrow(
      ConfigError,
    );
  });

  it('pauses, gives its model, goes on and stops as the page asks', async () => {
    using engine = await VoxgradWorker.open(voxgradWorker());
    const job = engine.train({ images, settings: { ...settings, steps: 1000 } });
    const stages: string[] = [];
    let steps = 0;
    for await (const progress of job) {
      if (stages.at(-1) !== progress.stage) stages.push(progress.stage);
      steps += progress.steps.length;
      if (progress.stage === 'training' && !stages.includes('paused')) await job.pause();
      if (progress.stage === 'paused') {
        expect(decodeModel(await job.saveModel()).classNames.length).toBe(2);
        await job.resume();
        stages.push('asked to go on');
      }
      if (stages.at(-1) !== 'asked to go on' && stages.includes('paused') && steps > 4) {
        await job.stop();
        break;
      }
    }
    const { isStopped, history, file } = await job.result;
    expect(isStopped).toBe(true);
    expect(history.steps.length).toBeLessThan(1000);
    expect(same(await job.saveModel(), file)).toBe(true);
  });

  it('names the file that cannot be used', async () => {
    using engine = await VoxgradWorker.open(voxgradWorker());
    const broken = { ...images[1]!, label: new Blob(['no label map']) };
    const failure = await engine
      .train({ images: [images[0]!, broken], settings })
      .result.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FormatError);
    expect((failure as Error).message).toContain(`label map of ${broken.name}`);
  });
});
