/** Conversion between precisions of storage, with its gradient: dy in the precision of x. */
import type { Precision } from '../gpu/shader.ts';
import { castForward } from '../kernels/cast.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @returns like x, stored in `precision`; x itself if it is already */
export function cast(tape: Tape, x: Variable, precision: Precision): Variable {
  const from = x.value.dtype;
  if (from === precision || (from !== 'f32' && from !== 'f16')) return x;
  return tape.record(
    castForward(tape, x.value, precision),
    [x],
    (dy, scope) => [castForward(scope, dy, from)],
    [],
  );
}
