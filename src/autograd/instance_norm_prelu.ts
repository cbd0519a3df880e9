/** Instance normalisation, PReLU and the residual sum in one op, with its gradients. */
import {
  instanceNormPreluBackward,
  instanceNormPreluForward,
} from '../kernels/instance_norm_prelu.ts';
import { checkVariance } from './instance_norm.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/**
 * Saves only x for the backward pass, where three ops in a row would save three tensors.
 *
 * @param x [N, C, ...]
 * @param slope [1] or [C], of PReLU
 * @param residual like x, or null
 * @returns prelu(instanceNorm(x)) + residual
 * @throws ShapeError for a single voxel in training, as PyTorch
 */
export function instanceNormPrelu(
  tape: Tape,
  x: Variable,
  slope: Variable,
  residual: Variable | null,
): Variable {
  checkVariance(tape, x);
  const { y, ...statistics } = instanceNormPreluForward(
    tape,
    x.value,
    slope.value,
    residual?.value ?? null,
  );
  return tape.record(
    y,
    residual ? [x, slope, residual] : [x, slope],
    (dy, scope) => {
      const { dx, dslope } = instanceNormPreluBackward(scope, x.value, statistics, slope.value, dy);
      return [dx, dslope, dy];
    },
    [x.value, slope.value],
  );
}
