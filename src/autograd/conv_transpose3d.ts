/** Transposed 3D convolution with its gradients. */

import {
  convTranspose3dBackwardInput,
  convTranspose3dBackwardWeight,
  convTranspose3dForward,
} from '../kernels/conv_transpose3d.ts';
import { sumChannels } from '../kernels/sum.ts';
import type { ConvTranspose3dOptions } from '../shape.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/**
 * @param x [N, Cin, D, H, W]
 * @param weight [Cin, Cout, kd, kh, kw]
 * @param bias [Cout] or null
 * @returns [N, Cout, D', H', W'] with D' = (D - 1) stride - 2 padding + kd + outputPadding
 */
export function convTranspose3d(
  tape: Tape,
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  options: ConvTranspose3dOptions = {},
): Variable {
  const y = convTranspose3dForward(tape, x.value, weight.value, bias?.value ?? null, options);
  return tape.record(
    y,
    bias ? [x, weight, bias] : [x, weight],
    (dy, scope, needs, reads) => {
      const dweight = needs(1)
        ? convTranspose3dBackwardWeight(scope, x.value, weight.shape, dy, options)
        : null;
      reads.done(0);
      const dx = needs(0)
        ? convTranspose3dBackwardInput(scope, x.shape, weight.value, dy, options)
        : null;
      return [dx, dweight, bias && needs(2) ? sumChannels(scope, dy) : null];
    },
    [x.value, weight.value],
  );
}
