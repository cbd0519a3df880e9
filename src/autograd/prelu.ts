/** Parametric ReLU with its gradient. He et al. 2015, eq. 1 and 3. */
import { preluBackward, preluForward } from '../kernels/prelu.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @param x [N, C, ...]  @param weight [1] or [C]  @returns like x */
export function prelu(tape: Tape, x: Variable, weight: Variable): Variable {
  const y = preluForward(tape, x.value, weight.value);
  return tape.record(
    y,
    [x, weight],
    (dy, scope) => {
      const { dx, dweight } = preluBackward(scope, x.value, weight.value, dy);
      return [dx, dweight];
    },
    [x.value, weight.value],
  );
}
