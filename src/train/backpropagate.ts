import type { Tape } from '../autograd/tape.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import { forwardIn } from './forward_in.ts';

export interface BackpropagateOptions {
  /** Factor of the gradients: this batch's share of its optimiser step, times a loss scale. */
  readonly scale: number;
  /** Of the activations and their gradients. Default f32. */
  readonly precision?: Precision;
  /** Sees the loss, [1], before the gradients are computed. */
  readonly onLoss?: (loss: Tensor) => void;
}

/**
 * Forward and backward pass of one batch: leaves `grad` in every parameter, owned by `tape`.
 *
 * @param image [N, C, D, H, W], owned by `tape`, which may release it
 * @param target labels as u32, [N, 1, D, H, W]
 */
export function backpropagate(
  tape: Tape,
  model: Module,
  criterion: Loss,
  { image, target }: { readonly image: Tensor; readonly target: Tensor },
  { scale, precision, onLoss }: BackpropagateOptions,
): void {
  const loss = criterion.forward(tape, forwardIn(tape, model, image, precision), target);
  onLoss?.(loss.value);
  tape.backward(loss, scale);
}
