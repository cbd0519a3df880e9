/** The training loop: batches, loss, gradients, optimiser, schedule, validation, best weights. */
import { Tape } from '../autograd/tape.ts';
import { ConfigError, GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { nonFinite } from '../kernels/non_finite.ts';
import { kernelsInForce } from '../kernels/variants/in_force.ts';
import { DiceCELoss, type Loss } from '../nn/dice_ce_loss.ts';
import type { Module, StateDict } from '../nn/module.ts';
import { Rng } from '../rng.ts';
import { Adam, type AdamOptions, type AdamRate } from './adam.ts';
import { backpropagate } from './backpropagate.ts';
import { type Batch, type BatchLoader, groups } from './batch.ts';
import { dryBatch } from './dry_step.ts';
import { firstNonFinite } from './first_non_finite.ts';
import { GradientSum } from './gradient_sum.ts';
import { bestEpoch, type EpochRecord, type History, type StepRecord } from './history.ts';
import { type LossScale, LossScaler } from './loss_scaler.ts';
import { findLr, type LrFinding, type LrFindOptions, type StepOptions } from './lr_find.ts';
import { oneCycle } from './one_cycle.ts';
import { prepareStep } from './prepare.ts';
import { SmoothedLoss } from './smoothed_loss.ts';
import type { TrainingState } from './training_state.ts';
import { validate } from './validation.ts';

export interface LearnerOptions {
  readonly gpu: Gpu;
  /** Stays the caller's: `Learner.dispose` does not dispose it. */
  readonly model: Module;
  /** Default: Dice plus cross-entropy. */
  readonly loss?: Loss;
  /** Of dropout. Loaders have their own. Default 0. */
  readonly seed?: number;
  readonly adam?: AdamOptions;
  /**
   * Batches per optimiser step; their gradients are averaged over samples. An epoch's last step
   * averages over the batches that are left. Default 1.
   */
  readonly accumulate?: number;
  /** Computes activations twice instead of keeping them: less memory, same bytes. Default false. */
  readonly checkpointing?: boolean;
  /**
   * How activations and their gradients are stored; sums, weights and averages are f32 in any case.
   * f16 takes about half the memory, scales the loss, and skips a step whose gradients overflow.
   * Default f32.
   */
  readonly precision?: Precision;
}

export interface FitOptions {
  /** Without `valid` there is no best epoch, and the last weights stay. */
  readonly loaders: { readonly train: BatchLoader; readonly valid?: BatchLoader };
  /** Exactly this many optimiser steps instead of whole epochs. */
  readonly steps?: number;
  /** Stops between two steps by throwing its reason. */
  readonly signal?: AbortSignal;
  /** Continues after the last whole epoch of an interrupted run of the same settings. */
  readonly resume?: TrainingState;
  readonly onStep?: (record: StepRecord, totalSteps: number) => void;
  /** Called before the first step, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  /** `state()` is everything that `resume` needs. */
  readonly onEpoch?: (
    record: EpochRecord,
    state: () => Promise<TrainingState>,
  ) => void | Promise<void>;
  /** Called when the accumulated Dice is strictly higher than ever before. */
  readonly onBest?: (weights: StateDict, record: EpochRecord) => void | Promise<void>;
}

/** A loss scaled by less has no use for scaling: something else is wrong. */
const SMALLEST_SCALE = 2 ** -10;

type Snapshot = Pick<TrainingState, 'model' | 'adam' | 'lossScale'>;

export class Learner {
  readonly gpu: Gpu;
  readonly model: Module;
  readonly loss: Loss;
  private readonly seed: number;
  private readonly adam: Adam;
  private readonly accumulate: number;
  private readonly checkpointing: boolean;
  private readonly precision: Precision;
  private readonly scaler: LossScaler | undefined;
  /** Of the last step: how many gradients have overflowed. */
  private overflow: Promise<Float32Array> | undefined;
  /** Batches whose kernels are compiled. */
  private readonly prepared = new Set<string>();

  /**
   * @throws ConfigError if accumulate is no whole number from 1
   * @throws GpuError for f16 where the adapter has none
   */
  constructor(options: LearnerOptions) {
    const { gpu, model, accumulate = 1, precision = 'f32' } = options;
    if (!Number.isInteger(accumulate) || accumulate < 1) {
      throw new ConfigError(
        `Learner: accumulate counts the batches of a step. Got ${accumulate}. Pass a whole number from 1.`,
      );
    }
    gpu.checkPrecision(precision);
    this.gpu = gpu;
    this.model = model;
    this.loss = options.loss ?? new DiceCELoss();
    this.seed = options.seed ?? 0;
    this.accumulate = accumulate;
    this.checkpointing = options.checkpointing ?? false;
    this.precision = precision;
    this.scaler = precision === 'f16' ? new LossScaler() : undefined;
    this.adam = new Adam(gpu, model.namedParameters(), options.adam);
  }

  /** Of the loss in half precision, after the steps so far. */
  get lossScale(): LossScale | undefined {
    return this.scaler?.state;
  }

  /** Optimiser steps of one pass over `loader`. */
  stepsPerEpoch(loader: BatchLoader): number {
    return Math.ceil(loader.batches / this.accumulate);
  }

  /**
   * Trains under the 1cycle policy. Afterwards the model has the weights of the epoch with the
   * highest accumulated Dice (of the first of equals).
   *
   * @param epochs passes over the training loader; ignored if `steps` is given
   * @throws ConfigError for a run without steps
   * @throws GpuError naming the step and the layer when the loss is not finite
   * @see fastai Learner.fit_one_cycle with SaveModelCallback(monitor='accumulated_dice')
   * Differs from fastai: if no epoch had a Dice, the last weights stay instead of a failing reload.
   */
  async fitOneCycle(epochs: number, lrMax: number, options: FitOptions): Promise<History> {
    const { loaders, resume } = options;
    const totalSteps = options.steps ?? epochs * this.stepsPerEpoch(loaders.train);
    if (!Number.isInteger(totalSteps) || totalSteps < 1 || loaders.train.batches < 1) {
      throw new ConfigError(
        `Learner.fitOneCycle: there is nothing to train. Got ${loaders.train.batches} batches per epoch, ${epochs} epochs, steps ${options.steps}. Use more subjects, more patches per volume or a smaller batch.`,
      );
    }
    const history: History = {
      totalSteps,
      lrMax,
      lossName: this.loss.name,
      steps: [...(resume?.history.steps ?? [])],
      epochs: [...(resume?.history.epochs ?? [])],
    };
    const smoothed = new SmoothedLoss();
    for (const { loss } of history.steps) smoothed.update(loss);
    let best = resume?.best;
    if (resume) this.restore(resume, history);
    const state = async (): Promise<TrainingState> => ({
      history,
      ...(await this.snapshot()),
      ...(best ? { best } : {}),
      kernels: kernelsInForce(this.gpu),
    });
    while (history.steps.length < totalSteps) {
      const started = performance.now();
      const epoch = history.epochs.length;
      await this.trainEpoch(epoch, history, smoothed, options);
      await this.settle(history.steps.length);
      const result = loaders.valid
        ? await validate(
            this.gpu,
            this.model,
            this.loss,
            loaders.valid.epoch(epoch, options.signal),
            options.signal,
            this.precision,
          )
        : { loss: Number.NaN, accumulatedDice: Number.NaN, accumulatedDicePerClass: [] };
      const { accumulatedDicePerClass: perClass } = result;
      const highest = bestEpoch(history)?.accumulatedDice ?? Number.NEGATIVE_INFINITY;
      const record: EpochRecord = {
        epoch,
        steps: history.steps.length,
        trainLoss: smoothed.value,
        validLoss: result.loss,
        accumulatedDice: result.accumulatedDice,
        ...(perClass.length > 1 ? { accumulatedDicePerClass: perClass } : {}),
        isBest: result.accumulatedDice > highest,
        seconds: (performance.now() - started) / 1000,
      };
      history.epochs.push(record);
      if (record.isBest) {
        best = await this.model.stateDict();
        await options.onBest?.(best, record);
      }
      await options.onEpoch?.(record, state);
    }
    if (best) this.model.loadStateDict(best);
    return history;
  }

  /**
   * Trains under a learning rate that grows with each step, suggests one, and takes the steps back:
   * model, optimiser and loss scale are as they were, also after an error or an abort.
   *
   * @throws ConfigError for options that allow no suggestion, and for a loss that diverges at once
   * @throws GpuError naming the step and the layer when the first losses are not finite
   * @see fastai Learner.lr_find
   */
  async lrFind(options: LrFindOptions): Promise<LrFinding> {
    await this.settle(0);
    const before = await this.snapshot();
    try {
      return await findLr(options, {
        epoch: (epoch) =>
          groups(options.loaders.train.epoch(epoch, options.signal), this.accumulate),
        step: async (batches, how) => {
          await this.prepare(batches, options);
          return this.step(batches, how);
        },
      });
    } finally {
      this.load(before);
    }
  }

  /** Forgets the optimiser's averages. */
  dispose(): void {
    this.adam.dispose();
  }

  private async trainEpoch(
    epoch: number,
    history: History,
    smoothed: SmoothedLoss,
    options: FitOptions,
  ): Promise<void> {
    const { loaders, signal, onStep } = options;
    const { totalSteps, lrMax, steps } = history;
    const before = steps.length;
    for await (const batches of groups(loaders.train.epoch(epoch, signal), this.accumulate)) {
      signal?.throwIfAborted();
      await this.prepare(batches, options);
      const step = steps.length;
      const rate = oneCycle(step / totalSteps, { lrMax });
      const loss = await this.step(batches, { step, rate });
      smoothed.update(loss);
      const record: StepRecord = { step, epoch, loss, ...rate };
      steps.push(record);
      onStep?.(record, totalSteps);
      if (steps.length === totalSteps) return;
    }
    if (steps.length === before) {
      throw new ConfigError(
        `Learner.fitOneCycle: the training loader gave no batch. Epoch ${epoch} should have ${loaders.train.batches}. Check the loader.`,
      );
    }
  }

  /** Compiles what a step of these batches asks for, once per size. */
  private async prepare(
    batches: readonly Batch[],
    { signal, onCompile }: Pick<FitOptions, 'signal' | 'onCompile'>,
  ): Promise<void> {
    const { gpu, model, loss, checkpointing, precision, prepared } = this;
    const accumulate = batches.length;
    for (const { imageShape } of batches) {
      const key = `${imageShape} ${accumulate > 1}`;
      if (prepared.has(key)) continue;
      prepared.add(key);
      const step = {
        ...dryBatch(imageShape, precision),
        accumulate,
        checkpointing,
        loss,
      };
      await prepareStep(gpu, model, step, {
        ...(signal ? { signal } : {}),
        ...(onCompile ? { onProgress: onCompile } : {}),
      });
    }
  }

  /** One update by the mean gradient over all samples. Gives the mean loss. */
  private async step(batches: readonly Batch[], how: StepOptions): Promise<number> {
    const { step, rate } = how;
    const { gpu, model, checkpointing } = this;
    await this.settle(step);
    const rng = Rng.seed(this.seed).fold(step);
    const samples = batches.reduce((sum, { imageShape }) => sum + imageShape[0]!, 0);
    using scope = gpu.scope();
    const sum = new GradientSum(scope, model.parameters());
    let mean = 0;
    for (const [n, batch] of batches.entries()) {
      const seed = (n === 0 ? rng : rng.fold(n)).next();
      const share = batch.imageShape[0]! / samples;
      const isLast = n === batches.length - 1;
      using tape = new Tape(gpu, { seed, checkpointing });
      mean += share * (await this.addGradients(tape, batch, share, how));
      sum.add(isLast);
      if (isLast) this.update(scope, rate);
    }
    // The GPU works on it while the next batch is made.
    gpu.flush();
    return mean;
  }

  /** Records the optimiser's step, which the GPU skips if a gradient has overflowed. */
  private update(scope: Scope, rate: AdamRate): void {
    const { gpu, model, adam, scaler } = this;
    if (!scaler) {
      adam.step(scope, rate);
      return;
    }
    const gradients = model.parameters().flatMap(({ grad }) => grad ?? []);
    const overflow = nonFinite(scope, gradients);
    adam.step(scope, rate, { scale: scaler.state.scale, overflow });
    this.overflow = gpu.read(overflow);
    // Awaited when the next batch is there; a failure until then must not count as unhandled.
    this.overflow.catch(() => undefined);
  }

  /** Learns what became of the last step, before `step` or what else depends on it. */
  private async settle(step: number): Promise<void> {
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

  /** The loss of one batch, read while the GPU works on the gradients. */
  private async addGradients(
    tape: Tape,
    batch: Batch,
    share: number,
    { step, rate, mayDiverge = false }: StepOptions,
  ): Promise<number> {
    const { gpu, model, loss: criterion, precision } = this;
    const scale = share * (this.scaler?.state.scale ?? 1);
    const image = tape.upload(batch.image, batch.imageShape, 'image');
    const target = tape.upload(batch.label, batch.labelShape, 'label');
    let reading: Promise<Float32Array> | undefined;
    const onLoss = (loss: Tensor): void => {
      reading = gpu.read(loss);
      // A failure of backward must not leave this promise without a listener.
      reading.catch(() => undefined);
    };
    backpropagate(tape, model, criterion, { image, target }, { scale, precision, onLoss });
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

  private restore(state: TrainingState, { totalSteps, lrMax }: History): void {
    const { history } = state;
    if (history.totalSteps !== totalSteps || history.lrMax !== lrMax) {
      throw new ConfigError(
        `Learner.fitOneCycle: the interrupted run had another schedule. It had ${history.totalSteps} steps up to ${history.lrMax}, this one has ${totalSteps} up to ${lrMax}. Resume with the same settings.`,
      );
    }
    this.load(state);
    if (state.kernels) this.gpu.choices.use(state.kernels);
  }

  /** What steps change. */
  private async snapshot(): Promise<Snapshot> {
    return {
      model: await this.model.stateDict(),
      adam: await this.adam.state(),
      ...(this.scaler ? { lossScale: this.scaler.state } : {}),
    };
  }

  private load({ model, adam, lossScale }: Snapshot): void {
    this.overflow = undefined;
    this.model.loadStateDict(model);
    this.adam.load(adam);
    if (lossScale) this.scaler?.load(lossScale);
  }
}
