/** Kernels of training and inference, compiled in parallel before the first step or patch. */

import type { Gpu, PrepareOptions } from '../gpu/device.ts';
import { DryGpu } from '../gpu/dry_gpu.ts';
import type { Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import { Adam } from './adam.ts';
import {
  type DryBatch,
  type DryStepOptions,
  dryForward,
  dryStep,
  dryValidation,
} from './dry_step.ts';

async function prepareKernels(
  gpu: Gpu,
  run: (dry: DryGpu) => void,
  options: PrepareOptions,
): Promise<void> {
  const dry = new DryGpu(gpu);
  run(dry);
  await gpu.prepare(dry.kernels, options);
}

/**
 * Compiles what an optimiser step will ask for.
 *
 * @throws ShapeError and GpuError as the step would, ShaderError for a shader that does not compile
 */
export function prepareStep(
  gpu: Gpu,
  model: Module,
  step: DryStepOptions,
  options: PrepareOptions = {},
): Promise<void> {
  return prepareKernels(
    gpu,
    (dry) => dryStep(dry, model, new Adam(dry, model.namedParameters()), step),
    options,
  );
}

/** Compiles what a batch of validation will ask for. @throws as `prepareStep` */
export function prepareValidation(
  gpu: Gpu,
  model: Module,
  loss: Loss,
  batch: DryBatch,
  options: PrepareOptions = {},
): Promise<void> {
  return prepareKernels(gpu, (dry) => dryValidation(dry, model, loss, batch), options);
}

/** Compiles what sliding-window inference will ask for. @throws as `prepareStep` */
export function prepareInference(
  gpu: Gpu,
  model: Module,
  batches: readonly DryBatch[],
  options: PrepareOptions = {},
): Promise<void> {
  const run = (dry: DryGpu): void => {
    for (const batch of batches) dryForward(dry, model, batch);
  };
  return prepareKernels(gpu, run, options);
}
