import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChosenNames, problemKey } from '../../src/gpu/choices.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { kernelsInForce } from '../../src/kernels/variants/in_force.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { inferenceProblems, trainingDemand } from '../../src/train/kernel_choices.ts';
import { Learner } from '../../src/train/learner.ts';
import {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
} from '../../src/train/training_state.ts';
import { toyLoader, toyNetwork } from '../helpers/toy_training.ts';

/** As the toy loader's batches. */
const STEP = { batchSize: 2, inChannels: 1, patchSize: [8, 8, 8] } as const;

const naive = (gpu: Gpu): ChosenNames => {
  const model = toyNetwork(gpu);
  const { problems } = trainingDemand(gpu, model, STEP, [2]);
  model.dispose();
  return Object.fromEntries(problems.map((problem) => [problemKey(problem), 'naive']));
};

interface Trained {
  readonly weights: Awaited<ReturnType<ReturnType<typeof toyNetwork>['stateDict']>>;
  readonly states: readonly TrainingState[];
  readonly kernels: ChosenNames;
}

/** Trains the toy network for two epochs on a device of its own. */
async function train(chosen: 'naive' | 'fixed', resume?: TrainingState): Promise<Trained> {
  const gpu = await openGpu();
  if (chosen === 'naive') gpu.choices.use(naive(gpu));
  const model = toyNetwork(gpu);
  const learner = new Learner({ gpu, model, seed: 3 });
  const states: TrainingState[] = [];
  await learner.fitOneCycle(2, 0.01, {
    loaders: { train: toyLoader(3), valid: toyLoader(1, 9) },
    onEpoch: async (_, state) => {
      states.push(decodeTrainingState(encodeTrainingState(await state())));
    },
    ...(resume ? { resume } : {}),
  });
  const weights = await model.stateDict();
  const kernels = kernelsInForce(gpu);
  gpu.destroy();
  return { weights, states, kernels };
}

describe('training with chosen kernels', () => {
  let gpu: Gpu;
  let straight: Trained;
  beforeAll(async () => {
    gpu = await openGpu();
    straight = await train('naive');
  });
  afterAll(() => gpu.destroy());

  test('runs them, and no convolution that the plan did not know', () => {
    expect(straight.kernels).toEqual(naive(gpu));
  });

  test('gives the same bytes for the same choices', async () => {
    expect((await train('naive')).weights).toEqual(straight.weights);
  });

  test('a resumed run goes on with the kernels of the interrupted one, to the same bytes', async () => {
    const fixed = await train('fixed');
    expect(fixed.weights).not.toEqual(straight.weights);
    const resumed = await train('fixed', straight.states[0]);
    expect(resumed.kernels).toEqual(straight.kernels);
    expect(resumed.weights).toEqual(straight.weights);
  });

  test('the plan of a step sees the choices: its peak is that of the step', async () => {
    const own = await openGpu();
    const peaks: number[] = [];
    for (const chosen of [{}, naive(own)]) {
      own.choices.use(chosen);
      const model = toyNetwork(own);
      const learner = new Learner({ gpu: own, model });
      own.pool.resetPeak();
      await learner.fitOneCycle(1, 0.01, { loaders: { train: toyLoader(1) } });
      const { peakBytes } = trainingDemand(own, model, STEP);
      // The pool rounds sizes up.
      const rounding = 512 * model.parameters().length;
      expect(own.pool.peakBytes).toBeGreaterThanOrEqual(peakBytes);
      expect(own.pool.peakBytes).toBeLessThan(peakBytes + rounding);
      peaks.push(peakBytes);
      learner.dispose();
      model.dispose();
    }
    own.destroy();
    expect(peaks[0]).not.toBe(peaks[1]);
  });

  test('inference asks for forward passes alone', () => {
    const model = toyNetwork(gpu);
    const problems = inferenceProblems(gpu, model, [{ ...STEP, batchSize: 1 }]);
    model.dispose();
    expect(new Set(problems.map(({ pass }) => pass))).toEqual(new Set(['forward']));
    const keys = problems.map(({ sizes, ...rest }) =>
      problemKey({ ...rest, sizes: { ...sizes, batch: 2 } }),
    );
    for (const key of keys) expect(Object.keys(straight.kernels)).toContain(key);
  });
});
