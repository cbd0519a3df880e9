/** Concatenation along channels with its gradient: each input gets its channels of dy. */
import { concatBackward, concatForward } from '../kernels/concat.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @param inputs [N, Ci, ...] each  @returns [N, sum of Ci, ...]; of one input that itself */
export function concat(tape: Tape, inputs: readonly Variable[]): Variable {
  if (inputs.length === 1) return inputs[0]!;
  const y = concatForward(
    tape,
    inputs.map(({ value }) => value),
  );
  const channels = inputs.map(({ shape }) => shape[1]!);
  return tape.record(
    y,
    inputs,
    (dy, scope, needs) =>
      inputs.map((_, i) => (needs(i) ? concatBackward(scope, dy, channels, i) : null)),
    [],
  );
}
