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
  const columns = x.size / rows;
  const args = { params: { rows, columns, scale }, buffers: { x, y } };
  if (columns <= 32 || rows >= 2048) {
    scope.dispatch(wgsl.sumRowsShort, { ...args, threads: rows });
  } else {
    scope.dispatch(wgsl.sumRows, { ...args, workgroups: rows });
  }
  return y;
}
