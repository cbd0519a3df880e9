/** Search for infinities and NaNs; the meaning is in `reference/non_finite.ts`. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sumRows } from './sum.ts';

/** As many as fit, with the result, into the eight storage buffers that every adapter binds. */
const TENSORS = 7;
const { WORKGROUP_SIZE } = wgsl.nonFinitePartial.overrides;
const { ELEMENTS } = wgsl.nonFinitePartial.consts;

const workgroupsOf = ({ size }: Tensor): number => Math.ceil(size / (ELEMENTS * WORKGROUP_SIZE));

/**
 * How many infinities and NaNs the tensors hold, all together: 0 only if there are none.
 *
 * @param tensors one or more, of f32
 * @returns [1], owned by `scope`; beyond 2^24 rounded
 */
export function nonFinite(scope: Scope, tensors: readonly Tensor[]): Tensor {
  using scratch = scope.child();
  const threads = (list: readonly Tensor[]): number =>
    WORKGROUP_SIZE * list.reduce((sum, tensor) => sum + workgroupsOf(tensor), 0);
  const partial = scratch.tensor([threads(tensors)], 'nonFinite.partial');
  for (let first = 0; first < tensors.length; first += TENSORS) {
    const group = tensors.slice(first, first + TENSORS);
    const at = (n: number): Tensor => group[n] ?? group[0]!;
    const count = (n: number): number => group[n]?.size ?? 0;
    const workgroups = threads(group) / WORKGROUP_SIZE;
    scope.dispatch(wgsl.nonFinitePartial, {
      params: {
        offset: threads(tensors.slice(0, first)),
        workgroups,
        count0: count(0),
        count1: count(1),
        count2: count(2),
        count3: count(3),
        count4: count(4),
        count5: count(5),
        count6: count(6),
      },
      buffers: {
        t0: at(0),
        t1: at(1),
        t2: at(2),
        t3: at(3),
        t4: at(4),
        t5: at(5),
        t6: at(6),
        partial,
      },
      workgroups,
    });
  }
  return sumRows(scope, partial, 1);
}
