import { softmax } from '../autograd/softmax.ts';
import type { Tape } from '../autograd/tape.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { sigmoidForward } from '../kernels/sigmoid.ts';
import type { Module } from '../nn/module.ts';
import { forwardIn } from './forward_in.ts';

/**
 * What inference computes of patches on the GPU: probabilities, [N, C, ...]; of one channel the
 * foreground's.
 *
 * @param patches [N, Cin, ...], owned by `tape`, which may release them
 * @param precision of the activations
 * @returns of f32, owned by `tape`
 */
export function patchProbabilities(
  tape: Tape,
  model: Module,
  patches: Tensor,
  precision?: Precision,
): Tensor {
  const logits = forwardIn(tape, model, patches, precision);
  return logits.shape[1] === 1 ? sigmoidForward(tape, logits.value) : softmax(tape, logits).value;
}
