/** Sums in a fixed order: the second stage of every reduction here. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';

/**
 * How many partial sums to take of `length` values: enough to fill a GPU, few enough that the
 * second stage is cheap.
 */
export function splitsFor(length: number): number {
  return Math.min(256, Math.max(1, Math.ceil(length / 256)));
}

/**
 * Sum of each row, times `scale`. The memory of `x` is read as `[rows, x.size / rows]`.
 *
 * @param shape of the result; `rows` elements
 * @returns [rows] or `shape`, owned by `scope`
 */
export function sumRows(
  scope: Scope,
  x: Tensor,
  rows: number,
  scale = 1,
  shape = [rows] as readonly number[],
): Tensor {
  const y = scope.tensor(shape, 'sumRows.y');
  scope.dispatch(wgsl.sumRows, {
    params: { rows, columns: x.size / rows, scale },
    buffers: { x, y },
    workgroups: rows,
  });
  return y;
}
