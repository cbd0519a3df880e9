/** A model, its data and its optimiser: what trains, validates and looks for a learning rate. */
import { ConfigError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { DiceCELoss, type Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import { type AdamOptions, WEIGHT_DECAY } from './adam.ts';
import { type BatchLoader, type DataLoaders, groups } from './batch.ts';
import { Fit, type FitOptions, type Schedule } from './fit.ts';
import type { History } from './history.ts';
import type { LossScale } from './loss_scaler.ts';
import { findLr, type LrFinding, type LrFindOptions } from './lr_find.ts';
import { oneCycle } from './one_cycle.ts';
import { Recorder } from './recorder.ts';
import { TrainingStep } from './training_step.ts';
import { type ValidationResult, validate } from './validation.ts';

export interface LearnerOptions {
  readonly gpu: Gpu;
  /** Stays the caller's: `Learner.dispose` does not dispose it. */
  readonly model: Module;
  /** What is trained on where a call does not say. */
  readonly loaders?: DataLoaders;
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

export type LearnerSettings = Required<
  Pick<LearnerOptions, 'accumulate' | 'checkpointing' | 'precision'>
> & { readonly weightDecay: number };

/** That of fastai's Adam where nothing schedules it. */
const MOMENTUM = 0.9;

export class Learner {
  readonly gpu: Gpu;
  readonly model: Module;
  readonly loss: Loss;
  readonly loaders: DataLoaders | undefined;
  /** How it trains, as a run's configuration has it. */
  readonly settings: LearnerSettings;
  /** Of the last fit. */
  readonly recorder = new Recorder();
  private readonly accumulate: number;
  private readonly precision: Precision;
  private readonly step: TrainingStep;

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
    this.loaders = options.loaders;
    this.settings = {
      accumulate,
      checkpointing: options.checkpointing ?? false,
      precision,
      weightDecay: options.adam?.weightDecay ?? WEIGHT_DECAY,
    };
    this.accumulate = accumulate;
    this.precision = precision;
    this.step = new TrainingStep({
      gpu,
      model,
      loss: this.loss,
      seed: options.seed ?? 0,
      adam: options.adam,
      checkpointing: options.checkpointing ?? false,
      precision,
    });
  }

  /** Of the loss in half precision, after the steps so far. */
  get lossScale(): LossScale | undefined {
    return this.step.scaler?.state;
  }

  /** Optimiser steps of one pass over `loader`. */
  stepsPerEpoch(loader: BatchLoader): number {
    return Math.ceil(loader.batches / this.accumulate);
  }

  /**
   * Trains under the 1cycle policy. Afterwards the model has the weights of the epoch with the
   * highest accumulated Dice (of the first of equals), unless a `saveModel` of its own monitors
   * something else.
   *
   * @param epochs passes over the training loader; ignored if `steps` is given
   * @throws ConfigError for a run without steps
   * @throws GpuError naming the step and the layer when the loss is not finite
   * @see fastai Learner.fit_one_cycle with SaveModelCallback(monitor='accumulated_dice')
   * Differs from fastai: if no epoch had a Dice, the last weights stay instead of a failing reload.
   */
  fitOneCycle(epochs: number, lrMax: number, options: FitOptions = {}): Promise<History> {
    const rate = (position: number) => oneCycle(position, { lrMax });
    return this.run({ name: 'one_cycle', lrMax, rate }, epochs, options);
  }

  /**
   * As `fitOneCycle`, at one learning rate and a momentum of 0.9.
   *
   * @throws as `fitOneCycle`
   * @see fastai Learner.fit
   */
  fit(epochs: number, lr: number, options: FitOptions = {}): Promise<History> {
    const rate = () => ({ lr, momentum: MOMENTUM });
    return this.run({ name: 'constant', lrMax: lr, rate }, epochs, options);
  }

  /**
   * Loss and accumulated Dice of the validation batches of an epoch, by the weights that the model has.
   *
   * @param options.loader Default: that of the learner
   * @param options.epoch Default 0
   * @throws ConfigError without a loader
   * @see fastai Learner.validate
   */
  async validate(
    options: {
      readonly loader?: BatchLoader;
      readonly epoch?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<ValidationResult> {
    const { loader = this.loaders?.valid, epoch = 0, signal } = options;
    if (!loader) {
      throw new ConfigError(
        'Learner.validate: there is nothing to validate. Got no loader. Pass one, or give the learner loaders with `valid`.',
      );
    }
    const { gpu, model, loss, precision } = this;
    return validate(gpu, model, loss, loader.epoch(epoch, { signal }), signal, precision);
  }

  /**
   * Trains under a learning rate that grows with each step, suggests one, and takes the steps back:
   * model, optimiser and loss scale are as they were, also after an error or an abort.
   *
   * @throws ConfigError for options that allow no suggestion, and for a loss that diverges at once
   * @throws GpuError naming the step and the layer when the first losses are not finite
   * @see fastai Learner.lr_find
   */
  async lrFind(options: LrFindOptions = {}): Promise<LrFinding> {
    const { train } = this.loadersOf(options.loaders);
    await this.step.settle(0);
    const before = await this.step.snapshot();
    try {
      return await findLr(options, {
        epoch: (epoch) => groups(train.epoch(epoch, { signal: options.signal }), this.accumulate),
        step: async (batches, how) => {
          await this.step.prepare(batches, options);
          return this.step.run(batches, how);
        },
      });
    } finally {
      this.step.load(before);
    }
  }

  /** Forgets the optimiser's averages. */
  dispose(): void {
    this.step.dispose();
  }

  private async run(
    schedule: Omit<Schedule, 'totalSteps'>,
    epochs: number,
    options: FitOptions,
  ): Promise<History> {
    const { gpu, model, loss, precision, accumulate, step } = this;
    const loaders = this.loadersOf(options.loaders);
    const totalSteps = options.steps ?? epochs * this.stepsPerEpoch(loaders.train);
    if (!Number.isInteger(totalSteps) || totalSteps < 1 || loaders.train.batches < 1) {
      throw new ConfigError(
        `Learner.fitOneCycle: there is nothing to train. Got ${loaders.train.batches} batches per epoch, ${epochs} epochs, steps ${options.steps}. Use more subjects, more patches per volume or a smaller batch.`,
      );
    }
    const parts = { gpu, model, loss, precision, accumulate, step, loaders };
    const fit = new Fit(parts, { ...schedule, totalSteps }, options);
    this.recorder.start(fit.history);
    return fit.run();
  }

  private loadersOf(given: DataLoaders | undefined): DataLoaders {
    const loaders = given ?? this.loaders;
    if (loaders) return loaders;
    throw new ConfigError(
      'Learner: there is nothing to train on. Got no loaders. Pass them to the learner or to the call.',
    );
  }
}
