import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, GpuError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/io/safetensors.ts';
import type { StateDict, StateTensor } from '../../src/nn/module.ts';
import { augmentOnCpu, type Batch } from '../../src/train/batch.ts';
import { saveModel } from '../../src/train/callbacks/save_model.ts';
import type { EpochRecord } from '../../src/train/history.ts';
import { Learner, type LearnerOptions } from '../../src/train/learner.ts';
import type { TrainingState } from '../../src/train/training_state.ts';
import { decodeTrainingState, encodeTrainingState } from '../../src/train/training_state.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { toyBatch, toyLoader, toyNetwork } from '../helpers/toy_training.ts';

/** Trains the toy network; gives weights and history. */
async function train(
  epochs: number,
  options: Partial<Parameters<Learner['fitOneCycle']>[2]> = {},
  dropout = 0,
  settings: Partial<LearnerOptions> = {},
) {
  const gpu = await testGpu();
  const model = toyNetwork(gpu, { dropout });
  let learner: Learner | undefined;
  try {
    learner = new Learner({ gpu, model, seed: 3, ...settings });
    const loaders = { train: toyLoader(3), valid: toyLoader(1, 9) };
    const history = await learner.fitOneCycle(epochs, 0.01, { loaders, ...options });
    return { history, weights: await model.stateDict() };
  } finally {
    learner?.dispose();
    model.dispose();
  }
}

describe('Learner.fitOneCycle', () => {
  it('follows ten steps of PyTorch, MONAI and fastai', async () => {
    const gpu = await testGpu();
    const path = new URL('../fixtures/train_ten_steps.safetensors', import.meta.url);
    const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(path)));
    const weights = new Map<string, StateTensor>();
    for (const [name, { shape, data }] of tensors) {
      if (!name.startsWith('weight:')) continue;
      weights.set(name.slice('weight:'.length), { shape, data: Float32Array.from(data, Number) });
    }
    const [x, target] = [tensors.get('x')!, tensors.get('target')!];
    const batch: Batch = {
      image: x.data as Float32Array,
      imageShape: x.shape,
      label: Uint32Array.from(target.data, Number),
      labelShape: target.shape,
    };
    const model = toyNetwork(gpu, { channels: [4, 8, 16], strides: [2, 2] });
    model.loadStateDict(weights);
    const learner = new Learner({ gpu, model });
    const loader = { batches: 10, epoch: () => new Array<Batch>(10).fill(batch) };
    const { steps } = await learner.fitOneCycle(1, 0.01, { loaders: { train: loader } });
    const losses = steps.map(({ loss }) => loss);
    expectClose(losses, tensors.get('losses')!.data as Float32Array, { rtol: 0, atol: 2e-5 });
    learner.dispose();
    model.dispose();
  });

  it('learns: the loss falls and the Dice of unseen batches rises', async () => {
    const { history } = await train(20);
    const first = history.epochs[0]!;
    const last = history.epochs.at(-1)!;
    expect(last.trainLoss).toBeLessThan(0.8 * first.trainLoss);
    expect(last.accumulatedDice).toBeGreaterThan(0.9);
    expect(history.steps.length).toBe(60);
    expect(history.steps.map(({ step }) => step)).toEqual([...Array(60).keys()]);
  });

  it('records the Dice of each class where there are several', async () => {
    const gpu = await testGpu();
    const model = toyNetwork(gpu, { outChannels: 3 });
    const learner = new Learner({ gpu, model });
    const loaders = { train: toyLoader(2), valid: toyLoader(1, 9) };
    const { epochs } = await learner.fitOneCycle(1, 0.01, { loaders });
    const [{ accumulatedDice, accumulatedDicePerClass }] = epochs as [EpochRecord];
    const occurring = accumulatedDicePerClass!.filter((dice) => !Number.isNaN(dice));
    expect(accumulatedDicePerClass).toHaveLength(2);
    expect(accumulatedDice).toBeCloseTo(occurring.reduce((a, b) => a + b) / occurring.length, 12);
    expect((await train(1)).history.epochs[0]).not.toHaveProperty('accumulatedDicePerClass');
    learner.dispose();
    model.dispose();
  });

  it('gives the same bytes twice, dropout included', async () => {
    const [one, other] = [await train(2, {}, 0.3), await train(2, {}, 0.3)];
    expect(one.weights).toEqual(other.weights);
    const losses = ({ history }: typeof one) => history.steps.map(({ loss }) => loss);
    expect(losses(one)).toEqual(losses(other));
  });

  it('uses as much GPU memory after step 2 as after step 20', async () => {
    const gpu = await testGpu();
    const inUse: number[] = [];
    await train(7, { onStep: () => inUse.push(gpu.pool.bytesInUse) });
    expect(inUse.length).toBe(21);
    expect(inUse[20]).toBe(inUse[2]);
  });

  it('ends with the weights of the best epoch, and reports it when it happens', async () => {
    const saved: { epoch: number; dice: number; weights: StateDict }[] = [];
    const save = saveModel({
      onSave: (state, { epoch, accumulatedDice }) => {
        saved.push({ epoch, dice: accumulatedDice, weights: state });
      },
    });
    const { history, weights } = await train(5, { callbacks: [save] });
    const dices = history.epochs.map(({ accumulatedDice }) => accumulatedDice);
    const best = Math.max(...dices);
    expect(saved.at(-1)!.dice).toBe(best);
    expect(saved.at(-1)!.epoch).toBe(dices.indexOf(best));
    expect(weights).toEqual(saved.at(-1)!.weights);
    expect(history.epochs.filter(({ isBest }) => isBest).map(({ epoch }) => epoch)).toEqual(
      saved.map(({ epoch }) => epoch),
    );
  });

  it('counts steps instead of epochs when asked to, and the schedule ends with them', async () => {
    const { history } = await train(0, { steps: 4 });
    expect(history.steps.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1]);
    expect(history.epochs.length).toBe(2);
    // Position 3/4 of the cycle: q = 2/3 of the way down.
    expect(history.steps[3]!.lr).toBeCloseTo(0.01 * 0.25, 4);
  });

  it('continues an interrupted run to the very same weights', async () => {
    const straight = await train(3);
    let bytes: Uint8Array | undefined;
    const stop = new AbortController();
    const interrupted = train(3, {
      signal: stop.signal,
      onEpoch: async ({ epoch }, state) => {
        if (epoch !== 1) return;
        bytes = encodeTrainingState(await state());
        stop.abort(new Error('switched off'));
      },
    });
    await expect(interrupted).rejects.toThrow('switched off');
    const resume: TrainingState = decodeTrainingState(bytes!);
    const resumed = await train(3, { resume });
    expect(resumed.weights).toEqual(straight.weights);
    expect(resumed.history.steps).toEqual(straight.history.steps);
  });

  it('refuses to continue under another schedule', async () => {
    let state: TrainingState | undefined;
    await train(1, {
      onEpoch: async (_, snapshot) => {
        state = await snapshot();
      },
    });
    await expect(train(2, { resume: state! })).rejects.toThrow(ConfigError);
  });

  it('stops between two steps when it is aborted', async () => {
    const stop = new AbortController();
    let steps = 0;
    const running = train(5, {
      signal: stop.signal,
      onStep: () => {
        if (++steps === 2) stop.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(steps).toBe(2);
  });

  it('names step and place when an image is damaged, and leaves no memory behind', async () => {
    const gpu = await testGpu();
    const before = gpu.pool.bytesInUse;
    const damaged = toyBatch(1);
    damaged.image[5] = Number.NaN;
    const loader = { batches: 2, epoch: () => [toyBatch(0), damaged] };
    const run = train(1, { loaders: { train: loader } });
    await expect(run).rejects.toThrow(GpuError);
    await expect(run).rejects.toThrow(/step 1 is NaN.*the image patches themselves/);
    expect(gpu.pool.bytesInUse).toBe(before);
  });

  it('augments training batches on the GPU as the CPU would, and validation batches not', async () => {
    const samples = [{ axes: [0, 2] }, null];
    const gammas = [null, { gamma: [1.3] }];
    const augmentations = [
      { name: 'Flip', samples },
      { name: 'Gamma', samples: gammas },
    ];
    const of = (how: (batch: Batch) => Batch, valid: (batch: Batch) => Batch) => {
      const loader = (seed: number, change: (batch: Batch) => Batch) => ({
        batches: 2,
        epoch: () => [0, 1].map((n) => change({ ...toyBatch(seed + n), augmentations })),
      });
      return train(2, { loaders: { train: loader(0, how), valid: loader(50, valid) } });
    };
    const plain = (batch: Batch): Batch => ({ ...batch, augmentations: [] });
    const onGpu = await of(
      (batch) => batch,
      (batch) => batch,
    );
    const onCpu = await of(augmentOnCpu, plain);
    const losses = ({ history }: typeof onGpu) => [
      ...history.steps.map(({ loss }) => loss),
      ...history.epochs.map(({ validLoss }) => validLoss),
    ];
    expectClose(losses(onGpu), losses(onCpu), { rtol: 1e-4 });
    const without = await of(plain, plain);
    expect(Math.abs(losses(onGpu)[0]! - losses(without)[0]!)).toBeGreaterThan(1e-3);
  });

  it('blames an augmentation that leaves no numbers', async () => {
    const coefficients = new Array(20).fill(100);
    const augmentations = [{ name: 'BiasField', samples: [{ coefficients, order: 3 }, null] }];
    const loader = { batches: 1, epoch: () => [{ ...toyBatch(1), augmentations }] };
    await expect(train(1, { loaders: { train: loader } })).rejects.toThrow(
      /the image patches after augmentation/,
    );
  });

  it('names the layer when weights overflow', async () => {
    const gpu = await testGpu();
    const model = toyNetwork(gpu);
    const state = await model.stateDict();
    state.get('model.1.submodule.conv.unit0.conv.weight')!.data.fill(3e38);
    model.loadStateDict(state);
    const learner = new Learner({ gpu, model });
    const run = learner.fitOneCycle(1, 0.01, { loaders: { train: toyLoader(1) } });
    await expect(run).rejects.toThrow(
      /step 0.*the output of model\.1\.submodule\.conv\.unit0\.conv/,
    );
    learner.dispose();
    model.dispose();
  });

  it('blames a label that is no class', async () => {
    const wrong = toyBatch(1);
    wrong.label[0] = 2;
    const loader = { batches: 1, epoch: () => [wrong] };
    await expect(train(1, { loaders: { train: loader } })).rejects.toThrow('every label below');
  });

  it('keeps the last weights when there is nothing to choose the best by', async () => {
    const { history, weights } = await train(1, { loaders: { train: toyLoader(2) } });
    expect(history.epochs[0]!.accumulatedDice).toBeNaN();
    expect(history.epochs[0]!.isBest).toBe(false);
    const gpu = await testGpu();
    const fresh = toyNetwork(gpu);
    expect(weights).not.toEqual(await fresh.stateDict());
    fresh.dispose();
  });

  it('refuses a run without batches', async () => {
    const empty = { batches: 0, epoch: () => [] };
    await expect(train(1, { loaders: { train: empty } })).rejects.toThrow('nothing to train');
  });
});

describe('Learner with accumulate', () => {
  /** `samples` of `batch` from `start` on. */
  function part(batch: Batch, start: number, samples: number): Batch {
    const voxels = batch.label.length / batch.labelShape[0]!;
    const shape = [samples, ...batch.imageShape.slice(1)];
    return {
      image: batch.image.slice(start * voxels, (start + samples) * voxels),
      imageShape: shape,
      label: batch.label.slice(start * voxels, (start + samples) * voxels),
      labelShape: shape,
    };
  }

  /** One epoch over `batches`, a list. */
  async function epoch(batches: readonly Batch[], options: Partial<LearnerOptions> = {}) {
    const gpu = await testGpu();
    const model = toyNetwork(gpu, { channels: [3, 5] });
    // Without this a gradient near 0 is divided by its own size: rounding would be a step of its own.
    const learner = new Learner({ gpu, model, adam: { eps: 0.1 }, ...options });
    const loader = { batches: batches.length, epoch: () => batches };
    const history = await learner.fitOneCycle(1, 0.05, { loaders: { train: loader } });
    const state = await model.stateDict();
    learner.dispose();
    model.dispose();
    return { history, weights: [...state.values()].flatMap(({ data }) => [...data]) };
  }

  const four = toyBatch(5, 4);
  const close = { rtol: 1e-5, atol: 1e-6 };

  it('takes the step of one large batch', async () => {
    const small = [0, 1, 2, 3].map((n) => part(four, n, 1));
    const large = await epoch([four]);
    const accumulated = await epoch(small, { accumulate: 4 });
    expect(accumulated.history.steps.length).toBe(1);
    expectClose(accumulated.weights, large.weights, close);
    expect(accumulated.history.steps[0]!.loss).toBeCloseTo(large.history.steps[0]!.loss, 5);
    expect(accumulated.history.steps[0]!.lr).toBe(large.history.steps[0]!.lr);
  });

  it('weighs batches by their samples', async () => {
    const uneven = [part(four, 0, 3), part(four, 3, 1)];
    const accumulated = await epoch(uneven, { accumulate: 2 });
    expectClose(accumulated.weights, (await epoch([four])).weights, close);
  });

  it("averages over what is left in an epoch's last step; the schedule counts steps", async () => {
    const batches = [0, 1, 2, 3].map((n) => part(four, n, 1));
    const accumulated = await epoch(batches, { accumulate: 3 });
    const byHand = await epoch([part(four, 0, 3), part(four, 3, 1)]);
    expect(accumulated.history.totalSteps).toBe(2);
    const rates = ({ history }: typeof byHand) => history.steps.map(({ lr }) => lr);
    expect(rates(accumulated)).toEqual(rates(byHand));
    expectClose(accumulated.weights, byHand.weights, close);
  });

  it('with checkpointing and dropout gives the same bytes as without checkpointing', async () => {
    const run = (checkpointing: boolean) =>
      train(2, {}, 0.3, { accumulate: 2, checkpointing, seed: 5 });
    const [kept, repeated] = [await run(false), await run(true)];
    expect(repeated.weights).toEqual(kept.weights);
    expect(kept.history.steps.length).toBe(4);
  });

  it('draws other dropout masks for each batch of a step', async () => {
    const twice = [part(four, 0, 1), part(four, 0, 1)];
    const gpu = await testGpu();
    const losses: number[] = [];
    for (const accumulate of [1, 2]) {
      const model = toyNetwork(gpu, { dropout: 0.5 });
      const learner = new Learner({ gpu, model, accumulate });
      const loader = { batches: 2, epoch: () => twice };
      const { steps } = await learner.fitOneCycle(1, 1e-9, { loaders: { train: loader } });
      losses.push(steps[0]!.loss);
      learner.dispose();
      model.dispose();
    }
    expect(losses[1]).not.toBeCloseTo(losses[0]!, 6);
  });

  it('leaves no memory behind, and refuses a count below 1', async () => {
    const gpu = await testGpu();
    const before = gpu.pool.bytesInUse;
    await train(2, {}, 0, { accumulate: 2 });
    expect(gpu.pool.bytesInUse).toBe(before);
    await expect(train(1, {}, 0, { accumulate: 0 })).rejects.toThrow(ConfigError);
  });
});
