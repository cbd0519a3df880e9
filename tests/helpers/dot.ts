import type { Tape } from '../../src/autograd/tape.ts';
import type { Variable } from '../../src/autograd/variable.ts';

/** A scalar whose gradient with respect to `y` is `weights`. Its own value is not computed. */
export function dot(tape: Tape, y: Variable, weights: Float32Array): Variable {
  const scalar = tape.tensor([1], 'dot');
  const dy = tape.upload(weights, y.shape, 'dot.weights');
  return tape.record(scalar, [y], () => [dy]);
}
