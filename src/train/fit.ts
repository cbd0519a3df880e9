/** The training loop: epochs of steps and validation, callbacks, checkpoints, the best weights. */
import { ConfigError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { kernelsInForce } from '../kernels/variants/in_force.ts';
import type { Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import type { AdamRate } from './adam.ts';
import { type DataLoaders, groups } from './batch.ts';
import type { Callback, CallbackState, FitContext } from './callbacks/callback.ts';
import { saveModel } from './callbacks/save_model.ts';
import { DataClock } from './data_clock.ts';
import {
  bestEpoch,
  type EpochRecord,
  type History,
  isTrained,
  type StepRecord,
} from './history.ts';
import { SmoothedLoss } from './smoothed_loss.ts';
import type { TrainingState } from './training_state.ts';
import type { TrainingStep } from './training_step.ts';
import { type ValidationResult, validate } from './validation.ts';

export interface FitOptions {
  /** Default: those of the learner. Without `valid` there is no best epoch, and the last weights stay. */
  readonly loaders?: DataLoaders;
  /** Each name once. Without `saveModel` among them one is added that monitors the accumulated Dice. */
  readonly callbacks?: readonly Callback[];
  /** Exactly this many optimiser steps instead of whole epochs. */
  readonly steps?: number;
  /** Stops between two steps by throwing its reason. */
  readonly signal?: AbortSignal;
  /** Continues an interrupted run of the same settings after its last step. */
  readonly resume?: TrainingState;
  /** Where to keep what `resume` takes. */
  readonly checkpoint?: CheckpointOptions;
  readonly onStep?: (record: StepRecord, totalSteps: number, smoothedLoss: number) => void;
  /** Called before the first step, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  /** `state()` is everything that `resume` needs. */
  readonly onEpoch?: (
    record: EpochRecord,
    state: () => Promise<TrainingState>,
  ) => void | Promise<void>;
  /** Receives what callbacks have to say. */
  readonly onMessage?: (text: string) => void;
}

export interface CheckpointOptions {
  /** Called after each epoch, within epochs that take long, and after an abort. */
  readonly save: (state: TrainingState) => Promise<void>;
  /** Between two calls within an epoch. Default 60. */
  readonly everySeconds?: number;
}

/** The learning rate of every step. */
export interface Schedule {
  readonly name: NonNullable<History['schedule']>;
  readonly lrMax: number;
  readonly totalSteps: number;
  /** @param position of the step, from 0 to below 1 */
  readonly rate: (position: number) => AdamRate;
}

/** What a fit works on. */
export interface FitParts {
  readonly gpu: Gpu;
  readonly model: Module;
  readonly loss: Loss;
  readonly precision: Precision;
  /** Batches per step. */
  readonly accumulate: number;
  readonly step: TrainingStep;
  readonly loaders: DataLoaders;
}

/** One call of `Learner.fitOneCycle` or `Learner.fit`. */
export class Fit implements FitContext {
  readonly gpu: Gpu;
  readonly model: Module;
  readonly loss: Loss;
  readonly loaders: DataLoaders;
  readonly history: History;
  readonly stepsPerEpoch: number;
  readonly isResumed: boolean;
  private readonly parts: FitParts;
  private readonly schedule: Schedule;
  private readonly options: FitOptions;
  private readonly callbacks: readonly Callback[];
  private readonly smoothed = new SmoothedLoss();
  private savedAt = performance.now();
  /** Of the epoch under way. */
  private clock: DataClock;

  /** @throws ConfigError if `resume` does not belong to this schedule and these callbacks */
  constructor(parts: FitParts, schedule: Schedule, options: FitOptions) {
    const { resume, callbacks = [] } = options;
    this.gpu = parts.gpu;
    this.clock = new DataClock(parts.gpu);
    this.model = parts.model;
    this.loss = parts.loss;
    this.loaders = parts.loaders;
    this.stepsPerEpoch = Math.ceil(parts.loaders.train.batches / parts.accumulate);
    this.isResumed = resume !== undefined;
    this.parts = parts;
    this.schedule = schedule;
    this.options = options;
    this.callbacks = inOrder(callbacks);
    const { totalSteps, lrMax, name } = schedule;
    this.history = {
      totalSteps,
      lrMax,
      ...(name === 'one_cycle' ? {} : { schedule: name }),
      lossName: this.loss.name,
      steps: [...(resume?.history.steps ?? [])],
      epochs: [...(resume?.history.epochs ?? [])],
      ...(resume?.history.stopped === undefined ? {} : { stopped: resume.history.stopped }),
    };
    for (const { loss } of this.history.steps) this.smoothed.update(loss);
    if (resume) this.checkResume(resume);
  }

  get smoothedLoss(): number {
    return this.smoothed.value;
  }

  stop(reason: string): void {
    this.history.stopped ??= reason;
  }

  message(text: string): void {
    this.options.onMessage?.(text);
  }

  /** @throws the signal's reason after an abort, once the checkpoint is written */
  async run(): Promise<History> {
    const { history, callbacks } = this;
    const { signal, resume } = this.options;
    let isReady = false;
    try {
      if (resume) this.parts.step.load(resume);
      if (resume?.kernels) this.gpu.choices.use(resume.kernels);
      for (const callback of callbacks) await callback.beforeFit?.(this);
      for (const callback of callbacks) {
        const state = resume?.callbacks?.get(callback.name);
        if (state) await callback.load?.(state);
      }
      isReady = true;
      while (!isTrained(history)) await this.epoch();
      for (const callback of callbacks) await callback.afterFit?.(this);
      return history;
    } catch (error) {
      const isAbort = signal?.aborted && error === signal.reason;
      if (isAbort && isReady && history.steps.length > 0) await this.save();
      for (const callback of callbacks) await callback.onError?.(error, this);
      throw error;
    } finally {
      for (const callback of callbacks) await callback.dispose?.();
    }
  }

  private async epoch(): Promise<void> {
    const { history } = this;
    const started = performance.now();
    this.clock = new DataClock(this.gpu);
    const epoch = history.epochs.length;
    const done = history.steps.length - (history.epochs.at(-1)?.steps ?? 0);
    // A run may have been interrupted between an epoch's last step and its validation.
    if (done < this.stepsPerEpoch && history.steps.length < history.totalSteps) {
      await this.trainEpoch(epoch, done);
    }
    await this.parts.step.settle(history.steps.length);
    const record = await this.judge(epoch, started);
    await this.save();
    await this.options.onEpoch?.(record, () => this.state());
  }

  /** Validates and puts the epoch on record. */
  private async judge(epoch: number, started: number): Promise<EpochRecord> {
    const { history, callbacks } = this;
    try {
      for (const callback of callbacks) await callback.beforeValidate?.(this);
      const result = await this.validate(epoch);
      const { accumulatedDicePerClass: perClass } = result;
      const highest = bestEpoch(history)?.accumulatedDice ?? Number.NEGATIVE_INFINITY;
      const record: EpochRecord = {
        epoch,
        steps: history.steps.length,
        trainLoss: this.smoothed.value,
        validLoss: result.loss,
        accumulatedDice: result.accumulatedDice,
        ...(perClass.length > 1 ? { accumulatedDicePerClass: perClass } : {}),
        isBest: result.accumulatedDice > highest,
        seconds: (performance.now() - started) / 1000,
        dataSeconds: this.clock.dataSeconds,
        idleSeconds: this.clock.idleSeconds,
      };
      history.epochs.push(record);
      for (const callback of callbacks) await callback.afterEpoch?.(record, this);
      return record;
    } finally {
      for (const callback of callbacks) await callback.afterValidate?.(this);
    }
  }

  private async validate(epoch: number): Promise<ValidationResult> {
    const { gpu, model, loss, precision, loaders } = this.parts;
    const { signal } = this.options;
    if (!loaders.valid) {
      return { loss: Number.NaN, accumulatedDice: Number.NaN, accumulatedDicePerClass: [] };
    }
    const batches = this.clock.watch(loaders.valid.epoch(epoch, { signal }));
    return validate(gpu, model, loss, batches, signal, precision);
  }

  /** @param done steps of the epoch that an interrupted run has taken */
  private async trainEpoch(epoch: number, done: number): Promise<void> {
    const { callbacks, history, smoothed } = this;
    const { step: training, loaders, accumulate } = this.parts;
    const { signal, onStep } = this.options;
    const { totalSteps, steps } = history;
    const before = steps.length - done;
    const batches = loaders.train.epoch(epoch, { signal, firstBatch: done * accumulate });
    for await (const group of groups(this.clock.watch(batches), accumulate)) {
      signal?.throwIfAborted();
      await training.prepare(group, this.options);
      const step = steps.length;
      const rate = this.schedule.rate(step / totalSteps);
      const loss = await training.run(group, { step, rate }, callbacks);
      smoothed.update(loss);
      const record: StepRecord = { step, epoch, loss, ...rate };
      steps.push(record);
      onStep?.(record, totalSteps, smoothed.value);
      for (const callback of callbacks) await callback.afterBatch?.(record, this);
      if (steps.length === totalSteps) return;
      await this.saveInTime();
    }
    if (steps.length === before) {
      throw new ConfigError(
        `Learner.fitOneCycle: the training loader gave no batch. Epoch ${epoch} should have ${loaders.train.batches}. Check the loader.`,
      );
    }
  }

  private async saveInTime(): Promise<void> {
    const { checkpoint } = this.options;
    if (!checkpoint) return;
    const seconds = (performance.now() - this.savedAt) / 1000;
    if (seconds >= (checkpoint.everySeconds ?? 60)) await this.save();
  }

  private async save(): Promise<void> {
    const { checkpoint } = this.options;
    if (!checkpoint) return;
    await checkpoint.save(await this.state());
    this.savedAt = performance.now();
  }

  private async state(): Promise<TrainingState> {
    const { history, callbacks } = this;
    const { step } = this.parts;
    await step.settle(history.steps.length);
    const states = new Map<string, CallbackState>();
    for (const callback of callbacks) {
      const state = await callback.state?.();
      if (state) states.set(callback.name, state);
    }
    return {
      history,
      ...(await step.snapshot()),
      kernels: kernelsInForce(this.gpu),
      ...(states.size > 0 ? { callbacks: states } : {}),
    };
  }

  private checkResume({ history, callbacks }: TrainingState): void {
    const { totalSteps, lrMax, name } = this.schedule;
    const sameSchedule = (history.schedule ?? 'one_cycle') === name;
    if (history.totalSteps !== totalSteps || history.lrMax !== lrMax || !sameSchedule) {
      throw new ConfigError(
        `Learner.fitOneCycle: the interrupted run had another schedule. It had ${history.totalSteps} steps up to ${history.lrMax}, this one has ${totalSteps} up to ${lrMax}. Resume with the same settings.`,
      );
    }
    const known = new Set(this.callbacks.map((callback) => callback.name));
    const missing = [...(callbacks?.keys() ?? [])].filter((callback) => !known.has(callback));
    if (missing.length === 0) return;
    throw new ConfigError(
      `Learner.fitOneCycle: the interrupted run had other callbacks. It had ${missing.join(', ')}, this one has ${[...known].join(', ') || 'none'}. Resume with the same callbacks.`,
    );
  }
}

/** @throws ConfigError for a name that is there twice */
function inOrder(given: readonly Callback[]): Callback[] {
  const names = given.map(({ name }) => name);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) {
    throw new ConfigError(
      `Learner.fitOneCycle: a callback is there twice. Got ${names.join(', ')}. Pass each once.`,
    );
  }
  const best = saveModel({ announce: false });
  const callbacks = names.includes(best.name) ? given : [...given, best];
  return callbacks.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
}
