/** ReLU launchers; the meaning is in `reference/relu.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sameShape, showShape } from '../shape.ts';

/** y = max(x, 0), like x, owned by `scope`. */
export function reluForward(scope: Scope, x: Tensor): Tensor {
  const y = scope.tensor(x.shape, 'reluForward.y', x.dtype);
  scope.dispatch(wgsl.reluForward, {
    params: { count: x.size },
    buffers: { x, y },
    threads: x.size,
  });
  return y;
}

/** dx = dy where x > 0, 0 elsewhere; like x, owned by `scope`. Throws ShapeError if x and dy differ. */
export function reluBackward(scope: Scope, x: Tensor, dy: Tensor): Tensor {
  if (!sameShape(x.shape, dy.shape)) {
    throw new ShapeError(
      `reluBackward: shapes differ. Got x ${showShape(x.shape)} and dy ${showShape(dy.shape)}. Pass dy like y.`,
    );
  }
  const dx = scope.tensor(x.shape, 'reluBackward.dx', x.dtype);
  scope.dispatch(wgsl.reluBackward, {
    params: { count: x.size },
    buffers: { x, dy, dx },
    threads: x.size,
  });
  return dx;
}
