/** Softmax over channels with its gradient. */
import { softmaxBackward, softmaxForward } from '../kernels/softmax.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @param x logits [N, C, ...]  @returns probabilities over axis 1, like x */
export function softmax(tape: Tape, x: Variable): Variable {
  const y = softmaxForward(tape, x.value);
  return tape.record(y, [x], (dy, scope) => [softmaxBackward(scope, y, dy)], [y]);
}
