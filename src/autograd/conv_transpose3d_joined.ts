/**
 * Transposed 3D convolution of several inputs as if they were joined on the channel axis. As it is
 * linear, it is the sum of one convolution per input with its rows of the weight, so that large
 * inputs need not be copied side by side and taken apart again for their gradients.
 */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { addInPlace } from '../kernels/add.ts';
import { concatBackward, concatForward } from '../kernels/concat.ts';
import {
  convTranspose3dBackwardInput,
  convTranspose3dBackwardWeight,
  convTranspose3dForward,
} from '../kernels/conv_transpose3d.ts';
import { sumChannels } from '../kernels/sum.ts';
import type { ConvTranspose3dOptions } from '../shape.ts';
import { concat } from './concat.ts';
import { convTranspose3d } from './conv_transpose3d.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/**
 * Elements of a copy that is worth sparing. One convolution of many channels is faster than several
 * of few, and a copy smaller than the weight costs less than taking that apart.
 */
const WORTH_SPARING = 2 ** 22;

/**
 * @param inputs one or more [N, Ci, D, H, W], equal but for Ci
 * @param weight [sum of Ci, Cout, kd, kh, kw]
 * @param bias [Cout] or null
 * @param worthSparing elements of all inputs from which on they are not copied
 * @returns [N, Cout, D', H', W'] as of `convTranspose3d` of the joined inputs, up to the order of sums
 * @throws ShapeError if the shapes do not fit
 */
export function convTranspose3dJoined(
  tape: Tape,
  inputs: readonly Variable[],
  weight: Variable,
  bias: Variable | null,
  options: ConvTranspose3dOptions = {},
  worthSparing = WORTH_SPARING,
): Variable {
  const joined = inputs.reduce((sum, { value }) => sum + value.size, 0);
  if (inputs.length === 1 || joined < Math.max(worthSparing, weight.value.size)) {
    return convTranspose3d(tape, concat(tape, inputs), weight, bias, options);
  }
  const channels = inputs.map(({ shape }) => shape[1]!);
  const rowsOf = (scope: Scope, input: number): Tensor =>
    concatBackward(scope, weight.value, channels, input, 0);
  const y = forward(tape, inputs, rowsOf, bias, options);
  return tape.record(
    y,
    [...inputs, weight, ...(bias ? [bias] : [])],
    (dy, scope, needs, reads) => {
      using scratch = scope.child();
      const count = inputs.length;
      const [, ...kernel] = weight.shape;
      const dweight = needs(count)
        ? concatForward(
            scope,
            inputs.map(({ value }, i) =>
              convTranspose3dBackwardWeight(scratch, value, [channels[i]!, ...kernel], dy, options),
            ),
            0,
          )
        : null;
      inputs.forEach((_, i) => void reads.done(i));
      const dx = inputs.map(({ shape }, i) =>
        needs(i)
          ? convTranspose3dBackwardInput(scope, shape, rowsOf(scratch, i), dy, options)
          : null,
      );
      return [...dx, dweight, ...(bias ? [needs(count + 1) ? sumChannels(scope, dy) : null] : [])];
    },
    [...inputs.map(({ value }) => value), weight.value],
  );
}

/** @param rowsOf copies of the rows of the weight that belong to an input */
function forward(
  tape: Tape,
  inputs: readonly Variable[],
  rowsOf: (scope: Scope, input: number) => Tensor,
  bias: Variable | null,
  options: ConvTranspose3dOptions,
): Tensor {
  using scratch = tape.child();
  const [y, ...others] = inputs.map(({ value }, i) => {
    const isFirst = i === 0;
    const into = isFirst ? tape : scratch;
    const rows = rowsOf(scratch, i);
    return convTranspose3dForward(
      into,
      value,
      rows,
      isFirst ? (bias?.value ?? null) : null,
      options,
    );
  });
  for (const part of others) addInPlace(scratch, y!, part);
  return y!;
}
