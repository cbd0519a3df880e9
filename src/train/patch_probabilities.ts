import { softmax } from '../autograd/softmax.ts';
import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import type { Module } from '../nn/module.ts';

/**
 * What inference computes of patches on the GPU: probabilities, [N, C, ...]; of one channel its
 * logits.
 *
 * @param x [N, Cin, ...]
 * @returns owned by `tape`
 */
export function patchProbabilities(tape: Tape, model: Module, x: Variable): Variable {
  const logits = model.forward(tape, x);
  return logits.shape[1] === 1 ? logits : softmax(tape, logits);
}
