/** Sum of two tensors of one shape. Its gradient is dy for both: no kernel is needed. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sameShape, showShape } from '../shape.ts';

const LOADS_PER_THREAD = 8;

function check(caller: string, a: Tensor, b: Tensor): void {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      `${caller}: shapes differ. Got ${showShape(a.shape)} and ${showShape(b.shape)}. Nothing is broadcast; pass equal shapes.`,
    );
  }
}

/** y = a + b.  a, b: one shape -> y of that shape, owned by `scope`. Throws ShapeError if they differ. */
export function addForward(scope: Scope, a: Tensor, b: Tensor): Tensor {
  check('addForward', a, b);
  const y = scope.tensor(a.shape, 'addForward.y', a.dtype);
  const threads = Math.ceil(y.size / LOADS_PER_THREAD);
  const params = { count: y.size, threads };
  scope.dispatch(wgsl.addForward, { params, buffers: { a, b, y }, threads });
  return y;
}

/**
 * y = y + x, the same bits as `addForward` without its third tensor.
 *
 * @param y overwritten; its owner stays the same
 * @param x another tensor of that shape
 * @throws ShapeError if the shapes differ
 */
export function addInPlace(scope: Scope, y: Tensor, x: Tensor): void {
  check('addInPlace', y, x);
  const isWide = y.size % 4 === 0;
  const count = isWide ? y.size / 4 : y.size;
  const threads = Math.ceil(count / LOADS_PER_THREAD);
  scope.dispatch(isWide ? wgsl.addForwardInPlaceVec4 : wgsl.addForwardInPlace, {
    params: { count, threads },
    buffers: { x, y },
    threads,
  });
}
