/** Slicing with its gradient: dy in the places taken, 0 elsewhere. */
import { type SliceRanges, sliceBackward, sliceForward } from '../kernels/slice.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @param ranges start, stop, step per axis; null takes all  @returns the slice, a copy */
export function slice(tape: Tape, x: Variable, ranges: SliceRanges): Variable {
  return tape.record(
    sliceForward(tape, x.value, ranges),
    [x],
    (dy, scope) => [sliceBackward(scope, dy, x.shape, ranges)],
    [],
  );
}
