/** Sums in a fixed order: the second stage of every reduction here. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product } from '../shape.ts';

/**
 * How many partial sums to take of `length` values: enough to fill a GPU, few enough that the
 * second stage is cheap.
 */
export function splitsFor(length: number): number {
  return Math.min(256, Math.max(1, Math.ceil(length / 256)));
}

/** How many voxels of a row a kernel loads at once: four, if every row starts at a multiple of it. */
export const voxelsPerLoad = (voxels: number): 1 | 4 => (voxels % 4 === 0 ? 4 : 1);

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

/**
 * y[c] = sum of x over batch and voxels: the gradient of a bias.
 *
 * @param x [N, C, ...]
 * @returns [C], owned by `scope`
 */
export function sumChannels(scope: Scope, x: Tensor): Tensor {
  using scratch = scope.child();
  const [batch, channels, ...spatial] = x.shape as [number, number, ...number[]];
  const voxels = product(spatial);
  const splits = splitsFor(voxels);
  const partial = scratch.tensor([channels, batch, splits], 'sumChannels.partial');
  const perLoad = voxelsPerLoad(voxels);
  scope.dispatch(perLoad === 4 ? wgsl.sumChannelsVec4 : wgsl.sumChannels, {
    params: { batch, channels, length: voxels / perLoad, splits },
    buffers: { x, partial },
    threads: partial.size,
  });
  return sumRows(scope, partial, channels);
}
