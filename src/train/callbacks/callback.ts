/** What may take part in a training: look on, change gradients and weights, or end it. */
import type { Gpu } from '../../gpu/device.ts';
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import type { Loss } from '../../nn/dice_ce_loss.ts';
import type { Module, NamedParameter, StateDict } from '../../nn/module.ts';
import type { DataLoaders } from '../batch.ts';
import type { EpochRecord, History, StepRecord } from '../history.ts';

/** The training under way. */
export interface FitContext {
  readonly gpu: Gpu;
  /** Its parameters are the weights of the last step. */
  readonly model: Module;
  readonly loss: Loss;
  readonly loaders: DataLoaders;
  /** All steps and epochs so far, those before a resume included. */
  readonly history: History;
  /** Optimiser steps of one epoch. */
  readonly stepsPerEpoch: number;
  /** Mean of the training losses so far, recent ones first. */
  readonly smoothedLoss: number;
  /** Whether this fit goes on where an interrupted one ended. */
  readonly isResumed: boolean;
  /** Ends the fit after the current epoch as if it had been the last. The reason stays on record. */
  stop(reason: string): void;
  /** A line for whoever watches. */
  message(text: string): void;
}

/** What the GPU is about to do, or has just been told to do. */
export interface GpuStep {
  /** Owns temporary tensors; they are gone after the step. */
  readonly scope: Scope;
  /** From 0, over all epochs. */
  readonly step: number;
  readonly parameters: readonly NamedParameter[];
  /** Factor in the gradients; 1 in single precision. */
  readonly lossScale: number;
  /** [1]; the step is skipped unless it holds 0. In half precision only. */
  readonly overflow: Tensor | undefined;
}

/** What a callback needs to go on where it was, in a form that a checkpoint can hold. */
export interface CallbackState {
  /** As JSON. */
  readonly values?: unknown;
  readonly tensors?: StateDict;
}

/**
 * All parts are optional. They are called in this order, each for all callbacks before the next; the fit
 * waits for promises, except in the two GPU parts, which only record. What one throws ends the fit.
 *
 * @see fastai Callback
 * Differs from fastai: a callback sees the fit through `FitContext` alone, and is told of the end
 * (`dispose`) however it comes.
 */
export interface Callback {
  /** Unique in a fit; names the state in a checkpoint. */
  readonly name: string;
  /**
   * Lower ones come first, those of one order as they were given. Default 0. `saveModel`, which puts the
   * best weights into the model after the fit, has 60.
   */
  readonly order?: number;
  /** Before kernels are compiled; the history has the steps of an interrupted run. */
  beforeFit?(fit: FitContext): void | Promise<void>;
  /** After `beforeFit` of a resumed fit: what `state` gave then. */
  load?(state: CallbackState): void | Promise<void>;
  /** GPU: every parameter has its whole gradient, and no update yet. */
  afterGradients?(step: GpuStep): void;
  /** GPU: the parameters are updated, the gradients are gone. */
  afterStep?(step: GpuStep): void;
  afterBatch?(record: StepRecord, fit: FitContext): void | Promise<void>;
  /** Other weights may stand in the model from here until `afterValidate`. */
  beforeValidate?(fit: FitContext): void | Promise<void>;
  /** The epoch has its losses and metrics. The weights are those that were validated. */
  afterEpoch?(record: EpochRecord, fit: FitContext): void | Promise<void>;
  /** Also after an error, if `beforeValidate` was called. */
  afterValidate?(fit: FitContext): void | Promise<void>;
  /** The state that `load` takes; undefined for none. Called between two steps. */
  state?(): Promise<CallbackState | undefined>;
  /** After the last epoch. The model's weights are the result of the fit, and may be changed. */
  afterFit?(fit: FitContext): void | Promise<void>;
  /** The fit ends early: an error, or the reason of an abort. A checkpoint was written by then. */
  onError?(error: unknown, fit: FitContext): void | Promise<void>;
  /** The fit is over, in any way. */
  dispose?(): void | Promise<void>;
}
