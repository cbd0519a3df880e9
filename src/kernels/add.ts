/** Sum of two tensors of one shape. Its gradient is dy for both: no kernel is needed. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sameShape, showShape } from '../shape.ts';

const ELEMENTS_PER_THREAD = 16;

function grid(caller: string, a: Tensor, b: Tensor): { count: number; threads: number } {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      `${caller}: shapes differ. Got ${showShape(a.shape)} and ${showShape(b.shape)}. Nothing is broadcast; pass equal shapes.`,
    );
  }
  return { count: a.size, threads: Math.ceil(a.size / ELEMENTS_PER_THREAD) };
}

/** y = a + b.  a, b: one shape -> y of that shape, owned by `scope`. Throws ShapeError if they differ. */
export function addForward(scope: Scope, a: Tensor, b: Tensor): Tensor {
  const { count, threads } = grid('addForward', a, b);
  const y = scope.tensor(a.shape, 'addForward.y', a.dtype);
  scope.dispatch(wgsl.addForward, { params: { count, threads }, buffers: { a, b, y }, threads });
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
  const { count, threads } = grid('addInPlace', y, x);
  scope.dispatch(wgsl.addForwardInPlace, {
    params: { count, threads },
    buffers: { x, y },
    threads,
  });
}
