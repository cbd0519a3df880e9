/** Cross-entropy with its gradient: softmax minus one-hot. PyTorch `nn.CrossEntropyLoss`. */
import type { Tensor } from '../gpu/tensor.ts';
import {
  type CrossEntropyOptions,
  crossEntropyBackward,
  crossEntropyForward,
} from '../kernels/cross_entropy.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @param logits [N, C, ...]  @param target labels as u32, [N, 1, ...]  @returns [1] */
export function crossEntropy(
  tape: Tape,
  logits: Variable,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Variable {
  const { loss, slopes } = crossEntropyForward(tape, logits.value, target, options);
  return tape.record(loss, [logits], (dloss, scope, _, reads) => [
    crossEntropyBackward(scope, reads.take(0), target, slopes, dloss, options),
  ]);
}
