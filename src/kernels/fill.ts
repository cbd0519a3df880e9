/** Sets every element of a tensor. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';

/** y = value, in place. */
export function fill(scope: Scope, y: Tensor, value: number): void {
  scope.dispatch(wgsl.fill, {
    params: { count: y.size, value },
    buffers: { y },
    threads: y.size,
  });
}
