import { describe, expect, test } from 'vitest';
import { Tape } from '../../src/autograd/tape.ts';
import { GpuError } from '../../src/errors.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import type { Precision } from '../../src/gpu/shader.ts';
import { DiceCELoss } from '../../src/nn/dice_ce_loss.ts';
import { backpropagate } from '../../src/train/backpropagate.ts';
import { Learner, type LearnerOptions } from '../../src/train/learner.ts';
import { stepMemory } from '../../src/train/step_memory.ts';
import {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
} from '../../src/train/training_state.ts';
import { testGpu } from '../helpers/gpu.ts';
import { hasHalf } from '../helpers/half.ts';
import { toyBatch, toyLoader, toyNetwork } from '../helpers/toy_training.ts';

type Fit = Parameters<Learner['fitOneCycle']>[2];

/** Trains the toy network in half precision; gives weights, history and loss scale. */
async function train(
  epochs: number,
  options: Partial<Fit> = {},
  settings: Partial<LearnerOptions> = {},
) {
  const gpu = await testGpu();
  const model = toyNetwork(gpu, { dropout: 0.1 });
  const learner = new Learner({ gpu, model, seed: 3, precision: 'f16', ...settings });
  try {
    const loaders = { train: toyLoader(3), valid: toyLoader(1, 9) };
    const history = await learner.fitOneCycle(epochs, 0.01, { loaders, ...options });
    return { history, weights: await model.stateDict(), lossScale: learner.lossScale };
  } finally {
    learner.dispose();
    model.dispose();
  }
}

/** State after the first epoch of a run, as a file would hold it. */
async function stateAfterFirst(epochs: number, options: Partial<Fit> = {}): Promise<TrainingState> {
  let bytes: Uint8Array | undefined;
  await train(epochs, {
    ...options,
    onEpoch: async (_, state) => {
      bytes ??= encodeTrainingState(await state());
    },
  });
  return decodeTrainingState(bytes!);
}

/** Gradients of a batch by parameter, as of an unscaled loss. */
async function gradients(precision: Precision, scale: number): Promise<Map<string, Float32Array>> {
  const gpu = await testGpu();
  const model = toyNetwork(gpu);
  const { image, imageShape, label, labelShape } = toyBatch(1);
  const found = new Map<string, Float32Array>();
  {
    using tape = new Tape(gpu);
    const tensors = {
      image: tape.upload(image, imageShape),
      target: tape.upload(label, labelShape),
    };
    backpropagate(tape, model, new DiceCELoss(), tensors, { scale, precision });
    for (const { name, parameter } of model.namedParameters()) {
      const values = await gpu.read(parameter.grad!);
      found.set(
        name,
        values.map((value) => value / scale),
      );
    }
  }
  model.dispose();
  return found;
}

const norm = (values: Float32Array): number => Math.hypot(...values);

describe.skipIf(!hasHalf)('training in half precision', () => {
  test('the gradients of a network are those of f32 up to what is stored', async () => {
    const [full, half] = [await gradients('f32', 1), await gradients('f16', 65536)];
    const largest = Math.max(...[...full.values()].map(norm));
    for (const [name, expected] of full) {
      // Biases before a norm change nothing: their gradient is rounding alone.
      const error = norm(half.get(name)!.map((value, n) => value - expected[n]!));
      expect(error, name).toBeLessThan(0.02 * Math.max(norm(expected), 1e-2 * largest));
    }
  });

  test('the loss falls and the Dice of unseen batches rises, as in f32', async () => {
    const { history, lossScale } = await train(20);
    const first = history.epochs[0]!;
    const last = history.epochs.at(-1)!;
    expect(last.trainLoss).toBeLessThan(0.8 * first.trainLoss);
    expect(last.accumulatedDice).toBeGreaterThan(0.9);
    expect(lossScale!.goodSteps + lossScale!.skippedSteps).toBeLessThanOrEqual(60);
  });

  test('a step whose gradients overflow changes nothing and halves the scale', async () => {
    const loaders = { train: toyLoader(1) };
    const before = await stateAfterFirst(2, { loaders });
    const lossScale = { scale: 2 ** 60, goodSteps: 7, skippedSteps: 0 };
    let after: TrainingState | undefined;
    const { weights, ...end } = await train(2, {
      loaders,
      resume: { ...before, lossScale },
      onEpoch: async (_, state) => {
        after = await state();
      },
    });
    expect(end.lossScale).toEqual({ scale: 2 ** 59, goodSteps: 0, skippedSteps: 1 });
    expect(end.history.steps.length).toBe(2);
    expect(weights).toEqual(before.model);
    expect(after!.adam).toEqual(before.adam);
  });

  test('training goes on after overflows, with a smaller scale', async () => {
    const before = await stateAfterFirst(20);
    const lossScale = { scale: 2 ** 34, goodSteps: 0, skippedSteps: 0 };
    const { lossScale: after, history } = await train(20, { resume: { ...before, lossScale } });
    expect(after!.skippedSteps).toBeGreaterThan(0);
    expect(after!.scale).toBe(2 ** (34 - after!.skippedSteps));
    expect(history.epochs.at(-1)!.trainLoss).toBeLessThan(0.8 * history.epochs[0]!.trainLoss);
  });

  test('a scale that overflows however small it gets ends the training with a reason', async () => {
    const before = await stateAfterFirst(2);
    const lossScale = { scale: 2 ** -10, goodSteps: 0, skippedSteps: 0 };
    const infinite = {
      name: 'infinite',
      forward: (...args: Parameters<DiceCELoss['forward']>) =>
        new DiceCELoss({ lambdaDice: 1e38, lambdaCe: 0 }).forward(...args),
    };
    const run = train(2, { resume: { ...before, lossScale } }, { loss: infinite });
    await expect(run).rejects.toThrow(GpuError);
    await expect(run).rejects.toThrow(/overflow in half precision.*Train in f32/);
  });

  test('an interrupted run goes on to the very same weights and scale', async () => {
    const straight = await train(3);
    const resumed = await train(3, { resume: await stateAfterFirst(3) });
    expect(resumed.weights).toEqual(straight.weights);
    expect(resumed.lossScale).toEqual(straight.lossScale);
    expect(resumed.history.steps).toEqual(straight.history.steps);
  });

  test('checkpointing gives the same bytes, accumulation included', async () => {
    const run = (checkpointing: boolean) => train(1, {}, { accumulate: 2, checkpointing });
    const [kept, repeated] = [await run(false), await run(true)];
    expect(repeated.weights).toEqual(kept.weights);
    expect(repeated.lossScale).toEqual(kept.lossScale);
  });

  test('leaves no memory behind, and its peak is the planned one', async () => {
    const gpu = await testGpu();
    const before = gpu.pool.bytesInUse;
    const network = {
      inChannels: 1,
      outChannels: 2,
      channels: [4, 8],
      strides: [2],
      numResUnits: 2,
      dropout: 0.1,
    };
    const planned = (precision: Precision): number =>
      stepMemory(network, { batchSize: 2, precision, gpu: new DryGpu(gpu) })([8, 8, 8]).peak;
    gpu.pool.resetPeak();
    await train(1, { loaders: { train: toyLoader(1) } });
    expect(gpu.pool.bytesInUse).toBe(before);
    expect(gpu.pool.peakBytes - before).toBe(planned('f16'));
    expect(planned('f16')).toBeLessThan(planned('f32'));
  });

  test('is refused where the adapter has no half precision', async () => {
    const gpu = await testGpu();
    const { limits } = gpu.device;
    const none = new DryGpu({ info: gpu.info, device: { limits, features: new Set<string>() } });
    const model = toyNetwork(none);
    expect(() => new Learner({ gpu: none, model, precision: 'f16' })).toThrow(
      /cannot store half precision.*Use f32/,
    );
  });
});
