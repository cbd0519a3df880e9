import type { FitOptions } from '../../src/train/fit.ts';
import { Learner, type LearnerOptions } from '../../src/train/learner.ts';
import { testGpu } from './gpu.ts';
import { toyLoader, toyNetwork } from './toy_training.ts';

/** Trains the toy network for some epochs of three steps; gives history and weights. */
export async function toyFit(
  epochs: number,
  options: FitOptions = {},
  settings: Partial<LearnerOptions> = {},
) {
  const gpu = await testGpu();
  const model = toyNetwork(gpu);
  let learner: Learner | undefined;
  try {
    const loaders = { train: toyLoader(3), valid: toyLoader(1, 9) };
    learner = new Learner({ gpu, model, loaders, ...settings });
    const history = await learner.fitOneCycle(epochs, 0.01, options);
    return { history, weights: await model.stateDict() };
  } finally {
    learner?.dispose();
    model.dispose();
  }
}
