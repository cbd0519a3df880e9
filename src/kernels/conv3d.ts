/** conv3d launchers; the meaning is in `reference/conv3d.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, sameShape, showShape } from '../shape.ts';
import { type Conv3dOptions, type Conv3dSizes, conv3dParams, conv3dSizes } from './conv3d_shape.ts';
import { splitsFor, sumRows } from './sum.ts';

const yShape = ({ batch, outChannels, output }: Conv3dSizes) => [batch, outChannels, ...output];

/** y = weight * x + bias by the readable kernel. @see conv3dForward */
export function conv3dForwardNaive(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: Conv3dOptions,
): Tensor {
  const sizes = conv3dSizes('conv3dForward', x.shape, weight.shape, options);
  checkBias(bias, sizes);
  const y = scope.tensor(yShape(sizes), 'conv3dForward.y');
  scope.dispatch(wgsl.conv3dForwardNaive, {
    params: { ...conv3dParams(sizes), has_bias: bias ? 1 : 0 },
    buffers: { x, weight, bias: bias ?? weight, y },
    threads: y.size,
  });
  return y;
}

/** dx by the readable kernel. @see conv3dBackwardInput */
export function conv3dBackwardInputNaive(
  scope: Scope,
  xShape: readonly number[],
  weight: Tensor,
  dy: Tensor,
  options?: Conv3dOptions,
): Tensor {
  const sizes = conv3dSizes('conv3dBackwardInput', xShape, weight.shape, options);
  checkDy('conv3dBackwardInput', dy, sizes);
  const dx = scope.tensor(xShape, 'conv3dBackwardInput.dx');
  scope.dispatch(wgsl.conv3dBackwardInputNaive, {
    params: conv3dParams(sizes),
    buffers: { weight, dy, dx },
    threads: dx.size,
  });
  return dx;
}

/** dweight by the readable kernel. @see conv3dBackwardWeight */
export function conv3dBackwardWeightNaive(
  scope: Scope,
  x: Tensor,
  weightShape: readonly number[],
  dy: Tensor,
  options?: Conv3dOptions,
): Tensor {
  const sizes = conv3dSizes('conv3dBackwardWeight', x.shape, weightShape, options);
  checkDy('conv3dBackwardWeight', dy, sizes);
  using scratch = scope.child();
  const weights = product(weightShape);
  const rows = sizes.output[0] * sizes.output[1];
  const splits = Math.min(rows, Math.max(1, Math.ceil(65536 / weights)));
  const partial = scratch.tensor([weights, splits], 'conv3dBackwardWeight.partial');
  scope.dispatch(wgsl.conv3dBackwardWeightNaive, {
    params: { ...conv3dParams(sizes), splits },
    buffers: { x, dy, partial },
    threads: partial.size,
  });
  return sumRows(scope, partial, weights, 1, weightShape);
}

/** dbias[o] = sum of dy over batch and voxels.  dy: [N, Cout, D', H', W'] -> [Cout], owned by `scope` */
export function conv3dBackwardBias(scope: Scope, dy: Tensor): Tensor {
  using scratch = scope.child();
  const [batch, channels, ...spatial] = dy.shape as [number, number, ...number[]];
  const voxels = product(spatial);
  const splits = splitsFor(voxels);
  const partial = scratch.tensor([channels, batch, splits], 'conv3dBackwardBias.partial');
  scope.dispatch(wgsl.conv3dBackwardBias, {
    params: { batch, channels, voxels, splits },
    buffers: { dy, partial },
    threads: partial.size,
  });
  return sumRows(scope, partial, channels);
}

function checkBias(bias: Tensor | null, { outChannels }: Conv3dSizes): void {
  if (bias && bias.size !== outChannels) {
    throw new ShapeError(
      `conv3dForward: bias needs one value per output channel. Got ${showShape(bias.shape)} for ${outChannels} channels. Pass [Cout] or null.`,
    );
  }
}

function checkDy(caller: string, dy: Tensor, sizes: Conv3dSizes): void {
  if (!sameShape(dy.shape, yShape(sizes))) {
    throw new ShapeError(
      `${caller}: dy has not the shape of the output. Got ${showShape(dy.shape)}, expected ${showShape(yShape(sizes))} NCDHW. Pass the gradient of this convolution's result.`,
    );
  }
}

export {
  conv3dBackwardInputNaive as conv3dBackwardInput,
  conv3dBackwardWeightNaive as conv3dBackwardWeight,
  conv3dForwardNaive as conv3dForward,
};
