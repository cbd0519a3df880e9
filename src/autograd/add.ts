/** Sum of two variables of one shape; both gradients are dy. */
import { addForward } from '../kernels/add.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @returns a + b, like both */
export function add(tape: Tape, a: Variable, b: Variable): Variable {
  return tape.record(addForward(tape, a.value, b.value), [a, b], (dy) => [dy, dy], []);
}
