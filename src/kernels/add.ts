/** Sum of two tensors of one shape. Its gradient is dy for both: no kernel is needed. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sameShape, showShape } from '../shape.ts';

const ELEMENTS_PER_THREAD = 16;

/** y = a + b.  a, b: one shape -> y of that shape, owned by `scope`. Throws ShapeError if they differ. */
export function addForward(scope: Scope, a: Tensor, b: Tensor): Tensor {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      `addForward: shapes differ. Got a ${showShape(a.shape)} and b ${showShape(b.shape)}. Nothing is broadcast; pass equal shapes.`,
    );
  }
  const y = scope.tensor(a.shape, 'addForward.y');
  const threads = Math.ceil(y.size / ELEMENTS_PER_THREAD);
  scope.dispatch(wgsl.addForward, {
    params: { count: y.size, threads },
    buffers: { a, b, y },
    threads,
  });
  return y;
}
