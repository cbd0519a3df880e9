import { describe, expect, it } from 'vitest';
import { ConfigError, DeviceLostError } from '../../src/errors.ts';
import { openGpu } from '../../src/node/dawn.ts';
import type { Callback } from '../../src/train/callbacks/callback.ts';
import type { FitOptions } from '../../src/train/fit.ts';
import type { History } from '../../src/train/history.ts';
import { Learner } from '../../src/train/learner.ts';
import {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
} from '../../src/train/training_state.ts';
import { testGpu } from '../helpers/gpu.ts';
import { toyLoader, toyNetwork } from '../helpers/toy_training.ts';

const EPOCHS = 3;
const loaders = { train: toyLoader(5), valid: toyLoader(1, 9) };

/** Three epochs of three steps, the last of each with one batch. */
async function train(options: FitOptions = {}, kind: 'fit' | 'fitOneCycle' = 'fitOneCycle') {
  const gpu = await testGpu();
  const model = toyNetwork(gpu, { dropout: 0.2 });
  const learner = new Learner({ gpu, model, seed: 3, accumulate: 2, loaders });
  try {
    const history = await learner[kind](EPOCHS, 0.01, options);
    return { history, weights: await model.stateDict() };
  } finally {
    learner.dispose();
    model.dispose();
  }
}

const withoutTimes = ({ epochs, ...history }: History) => ({
  ...history,
  epochs: epochs.map((record) => ({ ...record, seconds: 0, dataSeconds: 0, idleSeconds: 0 })),
});

const viaFile = (state: TrainingState): TrainingState =>
  decodeTrainingState(encodeTrainingState(state));

/** Stops after this many steps; gives the checkpoint that is written then. */
async function interrupted(steps: number, options: FitOptions = {}): Promise<TrainingState> {
  const stop = new AbortController();
  const states: TrainingState[] = [];
  const running = train({
    ...options,
    signal: stop.signal,
    checkpoint: {
      save: async (state) => {
        states.push(viaFile(state));
      },
    },
    onStep: ({ step }) => {
      if (step + 1 === steps) stop.abort(new Error('switched off'));
    },
  });
  await expect(running).rejects.toThrow('switched off');
  return states.at(-1)!;
}

describe('a fit that is interrupted', () => {
  it('continues after any step to the same losses, metrics and weights', async () => {
    const straight = await train();
    expect(straight.history.steps.length).toBe(9);
    for (let steps = 1; steps < 9; steps++) {
      const resume = await interrupted(steps);
      expect(resume.history.steps.length).toBe(steps);
      const resumed = await train({ resume });
      expect(resumed.weights).toEqual(straight.weights);
      expect(withoutTimes(resumed.history)).toEqual(withoutTimes(straight.history));
    }
  });

  it('continues between an epoch and its validation', async () => {
    const straight = await train();
    const stop = new AbortController();
    let resume: TrainingState | undefined;
    const callback: Callback = {
      name: 'test',
      beforeValidate: ({ history }) => {
        if (history.steps.length === 6) stop.abort(new Error('during validation'));
      },
    };
    const running = train({
      callbacks: [callback],
      signal: stop.signal,
      checkpoint: {
        save: async (state) => {
          resume = viaFile(state);
        },
      },
    });
    await expect(running).rejects.toThrow('during validation');
    expect([resume!.history.steps.length, resume!.history.epochs.length]).toEqual([6, 1]);
    const resumed = await train({ resume: resume! });
    expect(withoutTimes(resumed.history)).toEqual(withoutTimes(straight.history));
    expect(resumed.weights).toEqual(straight.weights);
  });

  it('is resumed after its last step with nothing left but the result', async () => {
    let last: TrainingState | undefined;
    const straight = await train({
      checkpoint: {
        save: async (state) => {
          last = viaFile(state);
        },
      },
    });
    const seen: number[] = [];
    const resumed = await train({ resume: last!, onStep: ({ step }) => seen.push(step) });
    expect(seen).toEqual([]);
    expect(resumed.weights).toEqual(straight.weights);
  });

  it('saves within an epoch as often as asked to, without another result', async () => {
    const counts: number[] = [];
    const often = await train({
      checkpoint: {
        everySeconds: 0,
        save: async ({ history }) => {
          counts.push(history.steps.length);
        },
      },
    });
    expect(counts).toEqual([1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9]);
    expect(often.weights).toEqual((await train()).weights);
  });
});

describe('callbacks', () => {
  it('are called in the documented order, each for all of them', async () => {
    const calls: string[] = [];
    const recorder = (name: string): Callback => {
      const note = (what: string) => () => {
        calls.push(`${what} ${name}`);
      };
      return {
        name,
        beforeFit: note('beforeFit'),
        afterGradients: note('afterGradients'),
        afterStep: note('afterStep'),
        afterBatch: note('afterBatch'),
        beforeValidate: note('beforeValidate'),
        afterEpoch: (_, fit) => {
          calls.push(`afterEpoch ${name}`);
          fit.stop('one is enough');
        },
        afterValidate: note('afterValidate'),
        afterFit: note('afterFit'),
        onError: note('onError'),
        dispose: note('dispose'),
      };
    };
    const { history } = await train({ callbacks: [recorder('a'), recorder('b')] });
    const both = (...names: string[]) => names.flatMap((name) => [`${name} a`, `${name} b`]);
    const step = both('afterGradients', 'afterStep', 'afterBatch');
    expect(calls).toEqual([
      ...both('beforeFit'),
      ...step,
      ...step,
      ...step,
      ...both('beforeValidate', 'afterEpoch', 'afterValidate', 'afterFit', 'dispose'),
    ]);
    expect(history.stopped).toBe('one is enough');
    expect(history.epochs.length).toBe(1);
  });

  it('are told of an error, and still disposed', async () => {
    const calls: string[] = [];
    const broken: Callback = {
      name: 'broken',
      afterBatch: () => {
        throw new Error('no');
      },
      onError: (error) => {
        calls.push(String(error));
      },
      dispose: () => {
        calls.push('dispose');
      },
    };
    await expect(train({ callbacks: [broken] })).rejects.toThrow('no');
    expect(calls).toEqual(['Error: no', 'dispose']);
  });

  it('get their state back, tensors and values', async () => {
    let seen = 0;
    const counter = (): Callback => {
      let batches = 0;
      const sums = Float32Array.of(0, 0.5);
      return {
        name: 'counter',
        load: ({ values, tensors }) => {
          batches = values as number;
          sums.set(tensors!.get('sums')!.data);
        },
        afterBatch: () => {
          batches++;
          sums[0]! += 1;
        },
        state: async () => ({
          values: batches,
          tensors: new Map([['sums', { shape: [2], data: sums.slice() }]]),
        }),
        afterFit: () => {
          expect([...sums]).toEqual([9, 0.5]);
          seen = batches;
        },
      };
    };
    const resume = await interrupted(4, { callbacks: [counter()] });
    expect(resume.callbacks?.get('counter')).toMatchObject({ values: 4 });
    await train({ resume, callbacks: [counter()] });
    expect(seen).toBe(9);
    await expect(train({ resume })).rejects.toThrow(/other callbacks.*counter/);
  });

  it('have names that differ', async () => {
    const twins = [{ name: 'twin' }, { name: 'twin' }];
    await expect(train({ callbacks: twins })).rejects.toThrow(ConfigError);
  });
});

describe('Learner.fit', () => {
  it('keeps one learning rate and momentum', async () => {
    const { history } = await train({}, 'fit');
    expect(new Set(history.steps.map(({ lr }) => lr))).toEqual(new Set([0.01]));
    expect(new Set(history.steps.map(({ momentum }) => momentum))).toEqual(new Set([0.9]));
    expect(history.schedule).toBe('constant');
  });

  it('is not the continuation of another schedule', async () => {
    const resume = await interrupted(2);
    await expect(train({ resume }, 'fit')).rejects.toThrow('another schedule');
  });
});

describe('a fit whose device is lost', () => {
  it('ends with the loss, saves nothing after it, and leaves no memory in use', async () => {
    const gpu = await openGpu();
    const model = toyNetwork(gpu);
    const learner = new Learner({ gpu, model, seed: 3, loaders });
    let lost = false;
    const saved: boolean[] = [];
    const options: FitOptions = {
      checkpoint: {
        save: async () => {
          saved.push(lost);
        },
      },
      onStep: ({ step }) => {
        if (step !== 6) return;
        gpu.destroy();
        lost = true;
      },
    };
    await expect(learner.fitOneCycle(EPOCHS, 0.01, options)).rejects.toThrow(DeviceLostError);
    expect(saved.length).toBeGreaterThan(0);
    expect(saved).not.toContain(true);
    learner.dispose();
    model.dispose();
    expect(gpu.pool.bytesInUse).toBe(0);
  });
});
