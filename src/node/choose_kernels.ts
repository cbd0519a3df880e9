/** Kernels for the steps of a plan, on this adapter. */
import type { ChosenNames } from '../gpu/choices.ts';
import type { Gpu } from '../gpu/device.ts';
import { type TuneOptions, type Tuning, tune } from '../kernels/tuning/tune.ts';
import { kernelsInForce, unknownKernels } from '../kernels/variants/in_force.ts';
import type { UNet } from '../nn/unet.ts';
import { transformFromSpec } from '../patch/transforms/from_spec.ts';
import { gpuStageNames } from '../train/gpu_augmentations.ts';
import { trainingDemand } from '../train/kernel_choices.ts';
import type { RunPlan } from './run_plan.ts';

export interface ChooseKernelsOptions {
  readonly gpu: Gpu;
  readonly plan: RunPlan;
  readonly model: UNet;
  /** Optimiser steps to come: what is not stored is measured only if they earn that back. */
  readonly steps: number;
  /** Kernels of an interrupted run, which goes on with them: nothing is chosen then. */
  readonly kernels?: ChosenNames;
  /** Default: the fixed ones. */
  readonly autotune?: TuneOptions;
  readonly signal?: AbortSignal;
  readonly onTuned?: (tuning: Tuning) => void;
  /** Receives what is legal but probably not meant. */
  readonly onWarning?: (message: string) => void;
}

/** Shorter runs end before measuring kernels has paid. */
const MIN_STEPS_TO_MEASURE = 50;

/** Puts kernels in force for a plan's steps and its validation. Gives their names by problem. */
export async function chooseKernels(options: ChooseKernelsOptions): Promise<ChosenNames> {
  const { gpu, plan, model, steps, kernels, signal, autotune, onTuned, onWarning } = options;
  const { split, run, inChannels } = plan;
  const { batchSize, accumulate, checkpointing, precision } = run.training;
  const { patchSize, samplesPerVolume } = run.patch;
  const left = (split.validation.length * samplesPerVolume) % batchSize;
  const augmentations = gpuStageNames(run.augmentations.map(transformFromSpec));
  const size = { batchSize, inChannels, patchSize, precision };
  const step = { ...size, augmentations, accumulate, checkpointing };
  for (const kernel of unknownKernels(kernels ?? {})) {
    onWarning?.(
      `the run used a kernel that is not there any more, '${kernel}': the model may differ in its last digits`,
    );
  }
  gpu.choices.use(kernels ?? {});
  const validation = left > 0 ? [batchSize, left] : [batchSize];
  let demand = trainingDemand(gpu, model, step, validation);
  if (autotune && !kernels) {
    const { open, ...stored } = autotune;
    const measured = open && steps >= MIN_STEPS_TO_MEASURE ? { open } : {};
    const tuning = await tune(gpu, demand.problems, {
      ...stored,
      ...measured,
      ...(signal ? { signal } : {}),
    });
    onTuned?.(tuning);
    if (Object.keys(tuning.chosen).length > 0) {
      demand = trainingDemand(gpu, model, step, validation);
    }
  }
  const { problems, peakBytes } = demand;
  const allowed = run.training.memoryGiB * 2 ** 30;
  if (peakBytes > allowed && plan.memory.peak <= allowed) {
    onWarning?.(
      `with the kernels of this adapter a training step takes ${(peakBytes / 2 ** 30).toFixed(1)} GiB, more than the ${run.training.memoryGiB} GiB to count on`,
    );
  }
  return kernelsInForce(gpu, problems);
}
