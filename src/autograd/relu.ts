/** Rectified linear unit with its gradient. Nair and Hinton 2010. */
import { reluBackward, reluForward } from '../kernels/relu.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @returns max(x, 0), like x */
export function relu(tape: Tape, x: Variable): Variable {
  return tape.record(
    reluForward(tape, x.value),
    [x],
    (dy, scope) => [reluBackward(scope, x.value, dy)],
    [x.value],
  );
}
