import { expect, test } from 'vitest';
import { pythonText, runParams } from '../../../src/node/mlflow/run_params.ts';
import { runSettings } from '../../../src/train/run_config.ts';

const config = {
  ...runSettings({ training: { epochs: 3, batchSize: 2, learningRate: 0.01 } }),
  patch: {
    patchSize: [128, 128, 64],
    patchOverlap: 0.5,
    samplesPerVolume: 8,
    samplerType: 'label',
    labelProbabilities: { 0: 0.1, 1: 0.9 },
    queueLength: 300,
    queueNumWorkers: 4,
    aggregationMode: 'hann',
    applyReorder: true,
    targetSpacing: [1.25, 1.25, 1.37],
    paddingMode: 0,
    keepLargestComponent: false,
    normalization: [{ name: 'ZNormalization', params: {} }],
  },
};

test("parameters have fastMONAI's names, and texts as Python writes them", () => {
  const params = runParams(config, { epochs: 99, lossName: 'DiceCELoss' });
  expect(params).toMatchObject({
    epochs: '3',
    learning_rate: '0.01',
    optimizer: 'Adam',
    batch_size: '2',
    loss_function: 'DiceCELoss',
    size: '[128, 128, 64]',
    target_spacing: '[1.25, 1.25, 1.37]',
    apply_reorder: 'True',
    patch_patch_size: '[128, 128, 64]',
    patch_patch_overlap: '0.5',
    patch_samples_per_volume: '8',
    patch_sampler_type: 'label',
    patch_label_probabilities: '{0: 0.1, 1: 0.9}',
    patch_queue_length: '300',
    patch_aggregation_mode: 'hann',
    patch_padding_mode: '0',
    patch_keep_largest_component: 'False',
    seed: '0',
    precision: 'f32',
  });
  expect(JSON.parse(params.transformations!)).toEqual([{ name: 'ZNormalization', params: {} }]);
});

test('nulls are left out, and the epochs of a run in steps come from outside', () => {
  const patch = { ...config.patch, targetSpacing: null, labelProbabilities: null };
  const training = { ...config.training, epochs: undefined, steps: 200 };
  const params = runParams({ ...config, patch, training }, { epochs: 7 });
  expect(params.epochs).toBe('7');
  expect(params.steps).toBe('200');
  for (const name of ['target_spacing', 'patch_label_probabilities', 'loss_function']) {
    expect(params).not.toHaveProperty(name);
  }
});

test.each([null, 3, [], { patch: 4 }])('what is no configuration has no parameters: %j', (json) => {
  expect(runParams(json, {})).toEqual({});
});

test('texts are those of Python', () => {
  expect(pythonText(['LR', null, true, { a: [1] }])).toBe("['LR', None, True, {'a': [1]}]");
});
