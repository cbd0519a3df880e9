/** Softmax launchers; the meaning is in `reference/softmax.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, sameShape, showShape } from '../shape.ts';

function layout(name: string, x: Tensor): { count: number; channels: number; voxels: number } {
  const [batch, channels, ...spatial] = x.shape;
  if (batch === undefined || channels === undefined) {
    throw new ShapeError(
      `${name}: needs a channel axis. Got ${showShape(x.shape)}. Pass [N,C,...].`,
    );
  }
  const voxels = product(spatial);
  return { count: batch * voxels, channels, voxels };
}

/**
 * Probabilities over axis 1, safe for logits of any size.
 *
 * @param x logits [N, C, ...]
 * @returns y like x, owned by `scope`
 * @throws ShapeError if x has no channel axis
 */
export function softmaxForward(scope: Scope, x: Tensor): Tensor {
  const params = layout('softmaxForward', x);
  const y = scope.tensor(x.shape, 'softmaxForward.y', x.dtype);
  scope.dispatch(wgsl.softmaxForward, { params, buffers: { x, y }, threads: params.count });
  return y;
}

/** @param y result of `softmaxForward`  @param dy like y  @returns dx like y, owned by `scope` */
export function softmaxBackward(scope: Scope, y: Tensor, dy: Tensor): Tensor {
  const params = layout('softmaxBackward', y);
  if (!sameShape(y.shape, dy.shape)) {
    throw new ShapeError(
      `softmaxBackward: shapes differ. Got y ${showShape(y.shape)} and dy ${showShape(dy.shape)}. Pass dy like y.`,
    );
  }
  const dx = scope.tensor(y.shape, 'softmaxBackward.dx', y.dtype);
  scope.dispatch(wgsl.softmaxBackward, { params, buffers: { y, dy, dx }, threads: params.count });
  return dx;
}
