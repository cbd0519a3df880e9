/** One optimiser step: forward, backward, callbacks on the GPU, update. */
import { Tape } from '../autograd/tape.ts';
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { nonFinite } from '../kernels/non_finite.ts';
import type { Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import { Rng } from '../rng.ts';
import { Adam, type AdamOptions } from './adam.ts';
import { uploadBatch } from './augment_batch.ts';
import { backpropagate } from './backpropagate.ts';
import type { Batch } from './batch.ts';
import type { Callback, GpuStep } from './callbacks/callback.ts';
import { dryBatch } from './dry_step.ts';
import { firstNonFinite } from './first_non_finite.ts';
import { GradientSum } from './gradient_sum.ts';
import { LossScaler } from './loss_scaler.ts';
import type { StepOptions } from './lr_find.ts';
import { prepareStep } from './prepare.ts';
import type { TrainingState } from './training_state.ts';

export interface TrainingStepOptions {
  readonly gpu: Gpu;
  readonly model: Module;
  readonly loss: Loss;
  readonly seed: number;
  readonly adam: AdamOptions | undefined;
  readonly checkpointing: boolean;
  readonly precision: Precision;
}

/** What steps change. */
export type StepSnapshot = Pick<TrainingState, 'model' | 'adam' | 'lossScale'>;

/** A loss scaled by less has no use for scaling: something else is wrong. */
const SMALLEST_SCALE = 2 ** -10;

export class TrainingStep {
  readonly scaler: LossScaler | undefined;
  private readonly options: TrainingStepOptions;
  private readonly adam: Adam;
  /** Of the last step: how many gradients have overflowed. */
  private overflow: Promise<Float32Array> | undefined;
  /** Batches whose kernels are compiled. */
  private readonly prepared = new Set<string>();

  constructor(options: TrainingStepOptions) {
    this.options = options;
    this.scaler = options.precision === 'f16' ? new LossScaler() : undefined;
    this.adam = new Adam(options.gpu, options.model.namedParameters(), options.adam);
  }

  /** Compiles what a step of these batches asks for, once per size. */
  async prepare(
    batches: readonly Batch[],
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly onCompile?: ((done: number, total: number) => void) | undefined;
    },
  ): Promise<void> {
    const { signal, onCompile } = options;
    const { gpu, model, loss, checkpointing, precision } = this.options;
    const accumulate = batches.length;
    for (const batch of batches) {
      const augmentations = (batch.augmentations ?? []).map(({ name }) => name);
      const key = `${batch.imageShape} ${augmentations} ${accumulate > 1}`;
      if (this.prepared.has(key)) continue;
      this.prepared.add(key);
      const size = dryBatch(batch.imageShape, precision);
      const step = { ...size, augmentations, accumulate, checkpointing, loss };
      await prepareStep(gpu, model, step, {
        ...(signal ? { signal } : {}),
        ...(onCompile ? { onProgress: onCompile } : {}),
      });
    }
  }

  /** One update by the mean gradient over all samples. Gives the mean loss. */
  async run(
    batches: readonly Batch[],
    how: StepOptions,
    callbacks: readonly Callback[] = [],
  ): Promise<number> {
    const { step } = how;
    const { gpu, model, seed, checkpointing } = this.options;
    await this.settle(step);
    const rng = Rng.seed(seed).fold(step);
    const samples = batches.reduce((sum, { imageShape }) => sum + imageShape[0]!, 0);
    using scope = gpu.scope();
    const sum = new GradientSum(scope, model.parameters());
    let mean = 0;
    for (const [n, batch] of batches.entries()) {
      const batchSeed = (n === 0 ? rng : rng.fold(n)).next();
      const share = batch.imageShape[0]! / samples;
      const isLast = n === batches.length - 1;
      using tape = new Tape(gpu, { seed: batchSeed, checkpointing });
      mean += share * (await this.addGradients(tape, batch, share, how));
      sum.add(isLast);
      if (isLast) this.update(scope, how, callbacks);
    }
    // The GPU works on it while the next batch is made.
    gpu.flush();
    return mean;
  }

  /** Learns what became of the last step, before `step` or what else depends on it. */
  async settle(step: number): Promise<void> {
    const { scaler, overflow } = this;
    if (!scaler || !overflow) return;
    this.overflow = undefined;
    const overflowed = (await overflow)[0]! > 0;
    if (overflowed) this.adam.uncount();
    scaler.update(overflowed);
    const { scale } = scaler.state;
    if (scale >= SMALLEST_SCALE) return;
    throw new GpuError(
      `Learner: gradients overflow in half precision whatever the loss is scaled by. Before step ${step} the scale is ${scale}. Train in f32.`,
    );
  }

  /** A copy of what steps change. Settle first. */
  async snapshot(): Promise<StepSnapshot> {
    return {
      model: await this.options.model.stateDict(),
      adam: await this.adam.state(),
      ...(this.scaler ? { lossScale: this.scaler.state } : {}),
    };
  }

  load({ model, adam, lossScale }: StepSnapshot): void {
    this.overflow = undefined;
    this.options.model.loadStateDict(model);
    this.adam.load(adam);
    if (lossScale) this.scaler?.load(lossScale);
  }

  /** Forgets the optimiser's averages. */
  dispose(): void {
    this.adam.dispose();
  }

  /** Records the optimiser's step, which the GPU skips if a gradient has overflowed. */
  private update(scope: Scope, how: StepOptions, callbacks: readonly Callback[]): void {
    const { adam, scaler } = this;
    const { gpu, model } = this.options;
    const parameters = model.namedParameters();
    // Before clipping, which would hide an overflow.
    const gradients = parameters.flatMap(({ parameter }) => parameter.grad ?? []);
    const overflow = scaler ? nonFinite(scope, gradients) : undefined;
    const lossScale = scaler?.state.scale ?? 1;
    const step: GpuStep = { scope, step: how.step, parameters, lossScale, overflow };
    for (const callback of callbacks) callback.afterGradients?.(step);
    adam.step(scope, how.rate, overflow ? { scale: lossScale, overflow } : undefined);
    for (const callback of callbacks) callback.afterStep?.(step);
    if (!overflow) return;
    this.overflow = gpu.read(overflow);
    // Awaited when the next batch is there; a failure until then must not count as unhandled.
    this.overflow.catch(() => undefined);
  }

  /** The loss of one batch, read while the GPU works on the gradients. */
  private async addGradients(
    tape: Tape,
    batch: Batch,
    share: number,
    { step, rate, mayDiverge = false }: StepOptions,
  ): Promise<number> {
    const { gpu, model, loss: criterion, precision } = this.options;
    const scale = share * (this.scaler?.state.scale ?? 1);
    const augmented = uploadBatch(tape, batch);
    let reading: Promise<Float32Array> | undefined;
    const onLoss = (loss: Tensor): void => {
      reading = gpu.read(loss);
      // A failure of backward must not leave this promise without a listener.
      reading.catch(() => undefined);
    };
    backpropagate(tape, model, criterion, augmented, { scale, precision, onLoss });
    const value = (await reading!)[0]!;
    if (!Number.isFinite(value) && !mayDiverge) {
      const where = await firstNonFinite(gpu, model, criterion, batch, tape.seed, precision);
      const other = precision === 'f16' ? ', train in f32' : '';
      throw new GpuError(
        `Learner: the loss of step ${step} is ${value}. Not finite first: ${where}. Lower the learning rate (it was ${rate.lr})${other}, or look for damaged images.`,
      );
    }
    return value;
  }
}
