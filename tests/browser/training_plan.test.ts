import { describe, expect, it } from 'vitest';
import type { TrainingData } from '../../src/browser/training_data.ts';
import { planTraining } from '../../src/browser/training_plan.ts';
import { ConfigError } from '../../src/errors.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import type { DecodedModel } from '../../src/train/checkpoint.ts';
import { runSettings } from '../../src/train/run_config.ts';

const dataOf = (values: number[], count = 8, side = 40): TrainingData => ({
  grids: Array.from({ length: count }, (_, n) => ({
    name: `case_${n}`,
    size: [side, side, side],
    spacing: [1, 1, 1],
  })),
  channels: 1,
  labels: values.map((value) => ({ value, voxels: 10, cases: count })),
  warnings: [],
});

const model = (classNames: string[], patch = {}): DecodedModel => ({
  architecture: {
    name: 'UNet',
    inChannels: 1,
    outChannels: classNames.length,
    channels: [4, 8],
    strides: [[2, 2, 2]],
    kernelSize: [3, 3, 3],
    upKernelSize: [3, 3, 3],
    numResUnits: 1,
    act: 'relu',
    norm: 'instance',
    dropout: 0,
    bias: true,
  },
  patchConfig: patchConfig({ patchSize: [16, 16, 16], targetSpacing: [2, 2, 2], ...patch }),
  preprocessing: {
    applyReorder: true,
    targetSpacing: [2, 2, 2],
    transforms: [],
    minimumSize: [16, 16, 16],
    paddingMode: 0,
  },
  classNames,
  stateDict: new Map(),
});

describe('planTraining', () => {
  it('settles everything that was left open, as a configuration of `voxgrad train`', () => {
    const plan = planTraining(dataOf([1, 2]));
    expect(plan.classNames).toEqual(['background', 'class_1', 'class_2']);
    expect(plan.split.validation.length).toBe(2);
    expect(plan.split.train.length).toBe(6);
    expect(plan.run.training).toMatchObject({ steps: 200, learningRate: 3e-3, batchSize: 2 });
    expect(plan.run.augmentations.length).toBe(3);
    expect(plan.stepsPerEpoch).toBe(24);
    expect(plan.memory.peak).toBeLessThan(2 ** 30);
    expect(plan.refusal).toBeUndefined();
    expect(runSettings(JSON.parse(JSON.stringify(plan.run)))).toBeTruthy();
  });

  it('offers networks of two sizes', () => {
    const [small, medium] = (['small', 'medium'] as const).map((size) =>
      planTraining(dataOf([1]), { size }),
    );
    expect(medium!.parameters).toBeGreaterThan(4 * small!.parameters);
    expect(medium!.memory.peak).toBeGreaterThan(small!.memory.peak);
  });

  it('makes one class of all labels', () => {
    const { classNames, classes } = planTraining(dataOf([1, 2, 5]), { binary: true });
    expect(classNames).toEqual(['background', 'foreground']);
    expect(classes.binary).toBe(true);
  });

  it('makes patches smaller until a step fits, unless the user chose them', () => {
    const gpuBytes = 32 * 2 ** 20;
    const planned = planTraining(dataOf([1], 8, 96), { gpuBytes });
    expect(planned.refusal).toBeUndefined();
    expect(planned.memory.peak).toBeLessThanOrEqual(gpuBytes);
    const chosen = planTraining(dataOf([1], 8, 96), { gpuBytes, patchSize: [96, 96, 96] });
    expect(chosen.refusal?.reason).toMatch(/\[96,96,96\] voxels takes \d+ MiB.*the 32 MiB/);
    const { patchSize } = chosen.refusal!;
    const smaller = planTraining(dataOf([1], 8, 96), { gpuBytes, patchSize: patchSize! });
    expect(smaller.refusal).toBeUndefined();
    expect(smaller.memory.peak).toBeGreaterThan(gpuBytes / 2);
  });

  it('trains on a single case, without validation, and says so', () => {
    const { split, warnings } = planTraining(dataOf([1], 1));
    expect(split.validation).toEqual([]);
    expect(warnings[0]).toContain('cannot validate itself');
  });

  it('refuses settings that make no training', () => {
    expect(() => planTraining(dataOf([1]), { steps: 0 })).toThrow(ConfigError);
    expect(() => planTraining(dataOf([1], 2), { samplesPerVolume: 1 })).toThrow(/full batch/);
  });
});

describe('planTraining of a model that is trained further', () => {
  it('keeps its classes, network, spacing and patch, at a lower learning rate', () => {
    const start = model(['background', 'head', 'tail'], { preprocessed: true });
    const { run, classNames } = planTraining(dataOf([1, 2]), {}, start);
    expect(classNames).toEqual(['background', 'head', 'tail']);
    expect(run.network.channels).toEqual([4, 8]);
    expect(run.network.numResUnits).toBe(1);
    expect(run.patch.targetSpacing).toEqual([2, 2, 2]);
    expect(run.patch.preprocessed).toBe(false);
    expect(run.training.learningRate).toBe(3e-4);
  });

  it('takes labels that are some of its classes', () => {
    const { classes } = planTraining(dataOf([2]), {}, model(['background', 'head', 'tail']));
    expect(classes.values).toEqual([0, 1, 2]);
  });

  it('says in plain words why it cannot learn from the labels', () => {
    const two = model(['background', 'ball']);
    expect(() => planTraining(dataOf([1, 3]), {}, two)).toThrow(
      /label maps have the value 3, and the model's classes are 0 to 1 \(background, ball\)/,
    );
    const three = model(['background', 'head', 'tail']);
    expect(() => planTraining(dataOf([1]), { binary: true }, three)).toThrow(/3 classes/);
    const data = { ...dataOf([1]), channels: 2 };
    expect(() => planTraining(data, {}, two)).toThrow(/images of 1 channels, these have 2/);
  });
});
