/** Sigmoid launcher; the meaning is in `reference/sigmoid.ts`. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';

/** Probability of the foreground from a one-channel network's logits. @returns y like x, owned by `scope` */
export function sigmoidForward(scope: Scope, x: Tensor): Tensor {
  const y = scope.tensor(x.shape, 'sigmoidForward.y', x.dtype);
  scope.dispatch(wgsl.sigmoidForward, {
    params: { count: x.size },
    buffers: { x, y },
    threads: x.size,
  });
  return y;
}
