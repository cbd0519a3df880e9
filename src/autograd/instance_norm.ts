/** Instance normalisation with its gradients. */
import { ShapeError } from '../errors.ts';
import { instanceNormBackward, instanceNormForward } from '../kernels/instance_norm.ts';
import { product, showShape } from '../shape.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** [C]. Default: 1. */
  readonly weight?: Variable;
  /** [C]. Default: 0. */
  readonly bias?: Variable;
}

/** Throws ShapeError for a single voxel in training, as PyTorch: its result is 0 whatever x is. */
export function checkVariance(tape: Tape, x: Variable): void {
  if (!tape.training || product(x.shape.slice(2)) > 1) return;
  throw new ShapeError(
    `instanceNorm: a single voxel has no variance to train on. Got ${showShape(x.shape)} NCDHW. Use a larger patch or fewer levels.`,
  );
}

/**
 * @param x [N, C, ...]
 * @returns like x, with mean 0 and variance 1 per sample and channel before weight and bias
 * @throws ShapeError for a single voxel in training
 */
export function instanceNorm(tape: Tape, x: Variable, options: InstanceNormOptions = {}): Variable {
  const { eps, weight, bias } = options;
  checkVariance(tape, x);
  const { y, mean, rstd } = instanceNormForward(
    tape,
    x.value,
    weight?.value ?? null,
    bias?.value ?? null,
    eps,
  );
  const affine = [weight, bias].filter((variable) => variable !== undefined);
  return tape.record(
    y,
    [x, ...affine],
    (dy, scope) => {
      const statistics = { mean, rstd };
      const { dx, dweight, dbias } = instanceNormBackward(
        scope,
        x.value,
        statistics,
        weight?.value ?? null,
        dy,
        affine.length > 0,
      );
      return [dx, ...(weight ? [dweight] : []), ...(bias ? [dbias] : [])];
    },
    [x.value, ...affine.map(({ value }) => value)],
  );
}
