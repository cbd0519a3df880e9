/** PReLU launchers; the meaning is in `reference/prelu.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, showShape } from '../shape.ts';
import { splitsFor, sumRows } from './sum.ts';

/** Channels and voxels of x; throws ShapeError unless weight is [1] or [C]. */
function check(name: string, x: Tensor, weight: Tensor): { channels: number; voxels: number } {
  const channels = x.shape[1];
  if (channels === undefined || (weight.size !== 1 && weight.size !== channels)) {
    throw new ShapeError(
      `${name}: weight needs one value or one per channel. Got weight ${showShape(weight.shape)} for x ${showShape(x.shape)} [N,C,...]. Pass [1] or [C].`,
    );
  }
  return { channels, voxels: product(x.shape.slice(2)) };
}

/**
 * y = x where x > 0, weight * x elsewhere.
 *
 * @param x [N, C, ...]
 * @param weight [1] or [C]
 * @returns y like x, owned by `scope`
 */
export function preluForward(scope: Scope, x: Tensor, weight: Tensor): Tensor {
  const { voxels } = check('preluForward', x, weight);
  const y = scope.tensor(x.shape, 'preluForward.y', x.dtype);
  scope.dispatch(wgsl.preluForward, {
    params: { count: x.size, voxels, weight_count: weight.size },
    buffers: { x, weight, y },
    threads: x.size,
  });
  return y;
}

/** @returns dx like x and dweight like weight, owned by `scope` */
export function preluBackward(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  dy: Tensor,
): { dx: Tensor; dweight: Tensor } {
  const { channels, voxels } = check('preluBackward', x, weight);
  using scratch = scope.child();
  const batch = x.shape[0]!;
  const splits = splitsFor(voxels);
  const dx = scope.tensor(x.shape, 'preluBackward.dx', x.dtype);
  const partial = scratch.tensor([channels, batch, splits], 'preluBackward.partial');
  scope.dispatch(wgsl.preluBackward, {
    params: { batch, channels, voxels, splits, weight_count: weight.size },
    buffers: { x, weight, dy, dx, partial },
    threads: batch * channels * splits,
  });
  const dweight = sumRows(scope, partial, weight.size);
  return { dx, dweight };
}
