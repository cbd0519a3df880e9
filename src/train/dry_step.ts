/**
 * Training steps and forward passes on a GPU that does not compute: the very code that a real one
 * runs, for its memory and for its kernels.
 */
import { Tape } from '../autograd/tape.ts';
import type { DryGpu } from '../gpu/dry_gpu.ts';
import type { Precision } from '../gpu/shader.ts';
import { nonFinite } from '../kernels/non_finite.ts';
import { DiceCELoss, type Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import type { Triple } from '../shape.ts';
import type { Adam } from './adam.ts';
import { augmentBatch, exampleStages } from './augment_batch.ts';
import { backpropagate } from './backpropagate.ts';
import { forwardIn } from './forward_in.ts';
import { GradientSum } from './gradient_sum.ts';
import { patchProbabilities } from './patch_probabilities.ts';

export interface DryBatch {
  /** Patches per forward pass. */
  readonly batchSize: number;
  readonly inChannels: number;
  readonly patchSize: Triple;
  /** Of the activations and their gradients. Default f32. */
  readonly precision?: Precision | undefined;
}

/** Of the size of a batch of images, [N, C, I, J, K]. */
export function dryBatch(
  [batchSize, inChannels, i, j, k]: readonly number[],
  precision?: Precision,
): DryBatch {
  return { batchSize: batchSize!, inChannels: inChannels!, patchSize: [i!, j!, k!], precision };
}

export interface DryStepOptions extends DryBatch {
  /** Names of what batches go through on the GPU, e.g. 'Affine'. Default: nothing. */
  readonly augmentations?: readonly string[];
  /** As of `Learner`. Default 1. */
  readonly accumulate?: number;
  /** As of `Learner`. Default false. */
  readonly checkpointing?: boolean;
  /** Default: Dice plus cross-entropy. */
  readonly loss?: Loss;
  /** Called when the first batch's forward pass is done. */
  readonly onLoss?: () => void;
}

/**
 * One optimiser step. From the second batch on all batches of a step do the same, so that no more
 * than two are run.
 *
 * @param model of any device: its parameters are not touched, and have no gradient afterwards
 * @param adam made on `gpu`
 * @throws ShapeError for a patch that does not fit the network
 * @throws GpuError for one of which a tensor is larger than a binding may be
 */
export function dryStep(gpu: DryGpu, model: Module, adam: Adam, options: DryStepOptions): void {
  const { batchSize, inChannels, patchSize, accumulate = 1, checkpointing = false } = options;
  const { loss = new DiceCELoss(), precision = 'f32', augmentations = [], onLoss } = options;
  using scope = gpu.scope();
  const sum = new GradientSum(scope, model.parameters());
  const batches = Math.min(2, accumulate);
  for (let n = 0; n < batches; n++) {
    const isLast = n === batches - 1;
    using tape = new Tape(gpu, { checkpointing });
    const image = tape.tensor([batchSize, inChannels, ...patchSize], 'image');
    const target = tape.tensor([batchSize, 1, ...patchSize], 'label', 'u32');
    backpropagate(
      tape,
      model,
      loss,
      augmentBatch(tape, { image, target }, exampleStages(augmentations, batchSize)),
      { scale: 1, precision, ...(n === 0 && onLoss ? { onLoss } : {}) },
    );
    sum.add(isLast);
    if (!isLast) continue;
    const gradients = model.parameters().flatMap(({ grad }) => grad ?? []);
    const overflow = precision === 'f16' ? nonFinite(scope, gradients) : undefined;
    adam.step(scope, { lr: 1e-3, momentum: 0.9 }, overflow && { scale: 1, overflow });
  }
}

/**
 * One batch of validation.
 *
 * @param model of any device: its parameters are not touched
 * @throws as `dryStep`
 */
export function dryValidation(gpu: DryGpu, model: Module, loss: Loss, batch: DryBatch): void {
  using tape = new Tape(gpu, { recording: false });
  const { batchSize, inChannels, patchSize, precision } = batch;
  const image = tape.tensor([batchSize, inChannels, ...patchSize], 'image');
  const target = tape.tensor([batchSize, 1, ...patchSize], 'label', 'u32');
  loss.forward(tape, forwardIn(tape, model, image, precision), target);
}

/**
 * One forward pass of sliding-window inference.
 *
 * @param model of any device: its parameters are not touched
 * @throws as `dryStep`
 */
export function dryForward(gpu: DryGpu, model: Module, batch: DryBatch): void {
  using tape = new Tape(gpu, { recording: false });
  const { batchSize, inChannels, patchSize, precision } = batch;
  const patches = tape.tensor([batchSize, inChannels, ...patchSize], 'patches');
  patchProbabilities(tape, model, patches, precision);
}
