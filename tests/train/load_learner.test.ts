import { expect, it } from 'vitest';
import { ConfigError, FormatError } from '../../src/errors.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { Learner } from '../../src/train/learner.ts';
import { exportLearner, loadLearner } from '../../src/train/load_learner.ts';
import { testGpu } from '../helpers/gpu.ts';
import { toyLoader, toyNetwork } from '../helpers/toy_training.ts';

const loaders = { train: toyLoader(2), valid: toyLoader(1, 9) };
const CONFIG = patchConfig({ patchSize: [8, 8, 8] });
const DESCRIPTION = { patchConfig: CONFIG, classNames: ['background', 'cube'] };

it('comes back with weights, settings and metrics, and trains on', async () => {
  const gpu = await testGpu();
  const model = toyNetwork(gpu);
  const learner = new Learner({ gpu, model, loaders });
  await learner.fitOneCycle(2, 0.01);
  const bytes = await exportLearner(learner, DESCRIPTION);
  const expected = await learner.validate();
  const weights = await model.stateDict();
  learner.dispose();
  model.dispose();

  const before = gpu.pool.bytesInUse;
  const loaded = loadLearner(gpu, bytes, { loaders });
  expect(await loaded.model.stateDict()).toEqual(weights);
  expect(await loaded.learner.validate()).toEqual(expected);
  expect(loaded).toMatchObject(DESCRIPTION);
  const { steps } = await loaded.learner.fitOneCycle(1, 1e-3);
  expect(steps.length).toBe(2);
  expect(await loaded.model.stateDict()).not.toEqual(weights);
  loaded.dispose();
  expect(gpu.pool.bytesInUse).toBe(before);
});

it('refuses what does not fit, and leaves no memory behind', async () => {
  const gpu = await testGpu();
  const model = toyNetwork(gpu);
  const names = { ...DESCRIPTION, classNames: ['background', 'a', 'b'] };
  await expect(exportLearner({ model }, names)).rejects.toThrow(FormatError);
  const bytes = await exportLearner({ model }, DESCRIPTION);
  model.dispose();
  const before = gpu.pool.bytesInUse;
  expect(() => loadLearner(gpu, bytes, { accumulate: 0 })).toThrow(ConfigError);
  expect(() => loadLearner(gpu, bytes.subarray(0, 99))).toThrow(FormatError);
  expect(gpu.pool.bytesInUse).toBe(before);
});
