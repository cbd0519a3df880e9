/** Sum of two variables of one shape; both gradients are dy. */
import { addForward, addInPlace } from '../kernels/add.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @returns a + b, like both */
export function add(tape: Tape, a: Variable, b: Variable): Variable {
  return tape.record(addForward(tape, a.value, b.value), [a, b], (dy) => [dy, dy], []);
}

/**
 * The same in the memory of `y`, whose own value is lost.
 *
 * @param y result of an op that does not read it again for its gradient, and of which this is the
 *   only use
 * @returns y + x
 */
export function addTo(tape: Tape, y: Variable, x: Variable): Variable {
  addInPlace(tape, y.value, x.value);
  return tape.record(y.value, [y, x], (dy) => [dy, dy], []);
}
