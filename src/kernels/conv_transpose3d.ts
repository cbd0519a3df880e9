/** conv_transpose3d launchers; the meaning is in `reference/conv_transpose3d.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, sameShape, showShape } from '../shape.ts';
import {
  type ConvTranspose3dOptions,
  type ConvTranspose3dSizes,
  convTranspose3dParams,
  convTranspose3dSizes,
} from './conv_transpose3d_shape.ts';
import { sumRows } from './sum.ts';

const yShape = ({ batch, outChannels, output }: ConvTranspose3dSizes) => [
  batch,
  outChannels,
  ...output,
];

/** y by the readable kernel. @see convTranspose3dForward */
export function convTranspose3dForwardNaive(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: ConvTranspose3dOptions,
): Tensor {
  const sizes = convTranspose3dSizes('convTranspose3dForward', x.shape, weight.shape, options);
  checkBias(bias, sizes);
  const y = scope.tensor(yShape(sizes), 'convTranspose3dForward.y');
  scope.dispatch(wgsl.convTranspose3dForwardNaive, {
    params: { ...convTranspose3dParams(sizes), has_bias: bias ? 1 : 0 },
    buffers: { x, weight, bias: bias ?? weight, y },
    threads: y.size,
  });
  return y;
}

/** dx by the readable kernel. @see convTranspose3dBackwardInput */
export function convTranspose3dBackwardInputNaive(
  scope: Scope,
  xShape: readonly number[],
  weight: Tensor,
  dy: Tensor,
  options?: ConvTranspose3dOptions,
): Tensor {
  const sizes = convTranspose3dSizes('convTranspose3dBackwardInput', xShape, weight.shape, options);
  checkDy('convTranspose3dBackwardInput', dy, sizes);
  const dx = scope.tensor(xShape, 'convTranspose3dBackwardInput.dx');
  scope.dispatch(wgsl.convTranspose3dBackwardInputNaive, {
    params: convTranspose3dParams(sizes),
    buffers: { weight, dy, dx },
    threads: dx.size,
  });
  return dx;
}

/** dweight by the readable kernel. @see convTranspose3dBackwardWeight */
export function convTranspose3dBackwardWeightNaive(
  scope: Scope,
  x: Tensor,
  weightShape: readonly number[],
  dy: Tensor,
  options?: ConvTranspose3dOptions,
): Tensor {
  const sizes = convTranspose3dSizes(
    'convTranspose3dBackwardWeight',
    x.shape,
    weightShape,
    options,
  );
  checkDy('convTranspose3dBackwardWeight', dy, sizes);
  using scratch = scope.child();
  const weights = product(weightShape);
  const rows = sizes.batch * sizes.input[0] * sizes.input[1];
  const splits = Math.min(rows, Math.max(1, Math.ceil(65536 / weights)));
  const partial = scratch.tensor([weights, splits], 'convTranspose3dBackwardWeight.partial');
  scope.dispatch(wgsl.convTranspose3dBackwardWeightNaive, {
    params: { ...convTranspose3dParams(sizes), splits },
    buffers: { x, dy, partial },
    threads: partial.size,
  });
  return sumRows(scope, partial, weights, 1, weightShape);
}

function checkBias(bias: Tensor | null, { outChannels }: ConvTranspose3dSizes): void {
  if (bias && bias.size !== outChannels) {
    throw new ShapeError(
      `convTranspose3dForward: bias needs one value per output channel. Got ${showShape(bias.shape)} for ${outChannels} channels. Pass [Cout] or null.`,
    );
  }
}

function checkDy(caller: string, dy: Tensor, sizes: ConvTranspose3dSizes): void {
  if (!sameShape(dy.shape, yShape(sizes))) {
    throw new ShapeError(
      `${caller}: dy has not the shape of the output. Got ${showShape(dy.shape)}, expected ${showShape(yShape(sizes))} NCDHW. Pass the gradient of this op's result.`,
    );
  }
}

export {
  convTranspose3dBackwardInputNaive as convTranspose3dBackwardInput,
  convTranspose3dBackwardWeightNaive as convTranspose3dBackwardWeight,
  convTranspose3dForwardNaive as convTranspose3dForward,
};
