import { expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import type { StateDict } from '../../../src/nn/module.ts';
import type { Callback } from '../../../src/train/callbacks/callback.ts';
import { emaWeights } from '../../../src/train/callbacks/ema_weights.ts';
import {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
} from '../../../src/train/training_state.ts';
import { expectClose } from '../../helpers/close.ts';
import { testGpu } from '../../helpers/gpu.ts';
import { toyFit } from '../../helpers/toy_fit.ts';
import { toyLoader } from '../../helpers/toy_training.ts';

const values = (weights: StateDict): number[] =>
  [...weights.values()].flatMap(({ data }) => [...data]);
const noValidation = { loaders: { train: toyLoader(3) } };

/** The weights before the fit and after each step. */
async function trajectory(epochs: number): Promise<number[][]> {
  const all: number[][] = [];
  const note: Callback = {
    name: 'note',
    beforeFit: async ({ model }) => {
      all.push(values(await model.stateDict()));
    },
    afterBatch: async (_, { model }) => {
      all.push(values(await model.stateDict()));
    },
  };
  await toyFit(epochs, { ...noValidation, callbacks: [note] });
  return all;
}

it('ends with the average of the weights after each step, without changing the steps', async () => {
  const [initial, ...steps] = await trajectory(2);
  const decay = 0.5;
  let expected = initial!;
  for (const [n, weights] of steps.entries()) {
    const now = Math.min(decay, (1 + n) / (10 + n));
    expected = expected.map((value, at) => now * value + (1 - now) * weights[at]!);
  }
  const gpu = await testGpu();
  const before = gpu.pool.bytesInUse;
  const callbacks = [emaWeights({ decay })];
  const { weights, history } = await toyFit(2, { ...noValidation, callbacks });
  expect(gpu.pool.bytesInUse).toBe(before);
  expectClose(values(weights), expected, { rtol: 1e-5, atol: 1e-6 });
  const plain = await toyFit(2, noValidation);
  expect(history.steps).toEqual(plain.history.steps);
  expect(values(plain.weights)).toEqual(steps.at(-1));
});

it('validates and keeps the averages, and trains on with the weights of the last step', async () => {
  const plain = await toyFit(3);
  const averaged = await toyFit(3, { callbacks: [emaWeights({ decay: 0.9 })] });
  expect(averaged.history.steps).toEqual(plain.history.steps);
  const losses = (run: typeof plain) => run.history.epochs.map(({ validLoss }) => validLoss);
  expect(losses(averaged)).not.toEqual(losses(plain));
  expect(averaged.weights).not.toEqual(plain.weights);
});

it('continues an interrupted fit to the same bytes', async () => {
  const callbacks = () => [emaWeights({ decay: 0.9 })];
  const straight = await toyFit(3, { callbacks: callbacks() });
  for (const steps of [2, 3, 7]) {
    const stop = new AbortController();
    let resume: TrainingState | undefined;
    const interrupted = toyFit(3, {
      callbacks: callbacks(),
      signal: stop.signal,
      checkpoint: {
        save: async (state) => {
          resume = decodeTrainingState(encodeTrainingState(state));
        },
      },
      onStep: ({ step }) => {
        if (step + 1 === steps) stop.abort(new Error('off'));
      },
    });
    await expect(interrupted).rejects.toThrow('off');
    const resumed = await toyFit(3, { callbacks: callbacks(), resume: resume! });
    expect(resumed.weights).toEqual(straight.weights);
  }
});

it('refuses a decay that is no share', () => {
  expect(() => emaWeights({ decay: 1 })).toThrow(ConfigError);
  expect(() => emaWeights({ decay: -0.1 })).toThrow(ConfigError);
});
