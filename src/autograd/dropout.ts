/** Dropout with its gradient, which passes through the same mask. Srivastava et al. 2014. */
import { dropoutForward } from '../kernels/dropout.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @param p probability of a zero  @returns like x; x itself outside training or for p = 0 */
export function dropout(tape: Tape, x: Variable, p: number): Variable {
  if (!tape.training || p === 0) return x;
  const key = tape.nextRandomKey();
  return tape.record(
    dropoutForward(tape, x.value, p, key),
    [x],
    (dy, scope) => [dropoutForward(scope, dy, p, key)],
    [],
  );
}
