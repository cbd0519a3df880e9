/** 3D convolution (cross-correlation, as in PyTorch) with its gradients. */
import { conv3dBackwardInput, conv3dBackwardWeight, conv3dForward } from '../kernels/conv3d.ts';
import { sumChannels } from '../kernels/sum.ts';
import type { Conv3dOptions } from '../shape.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/**
 * @param x [N, Cin, D, H, W]
 * @param weight [Cout, Cin, kd, kh, kw]
 * @param bias [Cout] or null
 * @returns [N, Cout, D', H', W']
 */
export function conv3d(
  tape: Tape,
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  options: Conv3dOptions = {},
): Variable {
  const y = conv3dForward(tape, x.value, weight.value, bias?.value ?? null, options);
  return tape.record(
    y,
    bias ? [x, weight, bias] : [x, weight],
    (dy, scope, needs, reads) => {
      const dweight = needs(1)
        ? conv3dBackwardWeight(scope, x.value, weight.shape, dy, options)
        : null;
      reads.done(0);
      const dx = needs(0) ? conv3dBackwardInput(scope, x.shape, weight.value, dy, options) : null;
      return [dx, dweight, bias && needs(2) ? sumChannels(scope, dy) : null];
    },
    [x.value, weight.value],
  );
}
