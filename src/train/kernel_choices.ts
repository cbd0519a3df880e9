/** Which convolutions training and inference compute: what the autotuner chooses kernels for. */
import type { Problem } from '../gpu/choices.ts';
import type { Gpu } from '../gpu/device.ts';
import { DryGpu } from '../gpu/dry_gpu.ts';
import { DiceCELoss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import { Adam } from './adam.ts';
import {
  type DryBatch,
  type DryStepOptions,
  dryForward,
  dryStep,
  dryValidation,
} from './dry_step.ts';

export interface TrainingDemand {
  readonly problems: readonly Problem[];
  /** GPU memory of a step by the kernels in force, parameters included. */
  readonly peakBytes: number;
}

/**
 * What an optimiser step computes and takes, and what validation computes.
 *
 * @param model of any device: its parameters are not touched
 * @param validation patches of the batches of validation; they may differ in number from a step's
 * @throws as `dryStep`
 */
export function trainingDemand(
  gpu: Gpu,
  model: Module,
  step: DryStepOptions,
  validation: readonly number[] = [],
): TrainingDemand {
  const dry = new DryGpu(gpu);
  const adam = new Adam(dry, model.namedParameters());
  dryStep(dry, model, adam, step);
  const parameters = model.parameters().reduce((sum, { value }) => sum + value.bytes, 0);
  const peakBytes = parameters + dry.pool.peakBytes;
  for (const batchSize of new Set(validation)) {
    dryValidation(dry, model, step.loss ?? new DiceCELoss(), { ...step, batchSize });
  }
  return { problems: dry.choices.asked, peakBytes };
}

/** Of sliding-window inference. @throws as `dryForward` */
export function inferenceProblems(
  gpu: Gpu,
  model: Module,
  batches: readonly DryBatch[],
): Problem[] {
  const dry = new DryGpu(gpu);
  for (const batch of batches) dryForward(dry, model, batch);
  return dry.choices.asked;
}
