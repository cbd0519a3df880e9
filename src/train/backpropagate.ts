import type { Tape } from '../autograd/tape.ts';
import { Variable } from '../autograd/variable.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';

export interface BackpropagateOptions {
  /** Factor of the gradients: this batch's share of its optimiser step. */
  readonly share: number;
  /** Sees the loss, [1], before the gradients are computed. */
  readonly onLoss?: (loss: Tensor) => void;
}

/**
 * Forward and backward pass of one batch: leaves `grad` in every parameter, owned by `tape`.
 *
 * @param image [N, C, D, H, W]
 * @param target labels as u32, [N, 1, D, H, W]
 */
export function backpropagate(
  tape: Tape,
  model: Module,
  criterion: Loss,
  { image, target }: { readonly image: Tensor; readonly target: Tensor },
  { share, onLoss }: BackpropagateOptions,
): void {
  const loss = criterion.forward(tape, model.forward(tape, new Variable(image)), target);
  onLoss?.(loss.value);
  tape.backward(loss, share);
}
