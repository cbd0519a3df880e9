/** conv_transpose3d launchers; the meaning is in `reference/conv_transpose3d.ts`. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import {
  type ConvSizes,
  type ConvTranspose3dOptions,
  checkConvBias,
  checkConvDy,
  convOutputShape,
  convParams,
  convTranspose3dSizes,
  product,
} from '../shape.ts';
import { sumRows } from './sum.ts';

/** y by the readable kernel. @see convTranspose3dForward */
export function convTranspose3dForwardNaive(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: ConvTranspose3dOptions,
): Tensor {
  const sizes = convTranspose3dSizes('convTranspose3dForward', x.shape, weight.shape, options);
  checkConvBias('convTranspose3dForward', bias, sizes);
  const y = scope.tensor(convOutputShape(sizes), 'convTranspose3dForward.y');
  scope.dispatch(wgsl.convTranspose3dForwardNaive, {
    params: { ...convParams(sizes), has_bias: bias ? 1 : 0 },
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
  checkConvDy('convTranspose3dBackwardInput', dy, sizes);
  const dx = scope.tensor(xShape, 'convTranspose3dBackwardInput.dx');
  scope.dispatch(wgsl.convTranspose3dBackwardInputNaive, {
    params: convParams(sizes),
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
  checkConvDy('convTranspose3dBackwardWeight', dy, sizes);
  using scratch = scope.child();
  const weights = product(weightShape);
  const rows = sizes.batch * sizes.input[0] * sizes.input[1];
  const splits = Math.min(rows, Math.max(1, Math.ceil(65536 / weights)));
  const partial = scratch.tensor([weights, splits], 'convTranspose3dBackwardWeight.partial');
  scope.dispatch(wgsl.convTranspose3dBackwardWeightNaive, {
    params: { ...convParams(sizes), splits },
    buffers: { x, dy, partial },
    threads: partial.size,
  });
  return sumRows(scope, partial, weights, 1, weightShape);
}

/** Threads per workgroup of the tiled kernels: a GPU's warp; the software adapter does not mind. */
const LANES = 32;
/** Partial sums that the weight gradient may hold at once, in elements (32 MiB). */
const MAX_PARTIALS = 2 ** 23;

/** Whether the tiled kernels, which unroll the plane of the kernel, take these sizes. */
export const isTiled = ({ kernel, stride, padding }: ConvSizes): boolean =>
  [1, 2].every(
    (axis) => kernel[axis]! <= 3 && stride[axis]! <= 2 && padding[axis]! < kernel[axis]!,
  );

/** The plane of the kernel as constants of the tiled kernels. */
const planeConsts = ({ kernel, stride, padding }: ConvSizes) => ({
  KERNEL_H: kernel[1],
  KERNEL_W: kernel[2],
  STRIDE_H: stride[1],
  STRIDE_W: stride[2],
  PADDING_H: padding[1],
  PADDING_W: padding[2],
});

/**
 * y[z] = bias + sum of x[a] * weight[k] over the a, k with a * stride - padding + k = z.
 *
 * @param x [N, Cin, D, H, W]
 * @param weight [Cin, Cout, kd, kh, kw]
 * @param bias [Cout] or null
 * @returns [N, Cout, D', H', W'], owned by `scope`
 * @throws ShapeError if the shapes do not fit
 * @see torch.nn.functional.conv_transpose3d
 */
export function convTranspose3dForward(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: ConvTranspose3dOptions,
): Tensor {
  const sizes = convTranspose3dSizes('convTranspose3dForward', x.shape, weight.shape, options);
  if (!isTiled(sizes)) return convTranspose3dForwardNaive(scope, x, weight, bias, options);
  checkConvBias('convTranspose3dForward', bias, sizes);
  const { batch, outChannels, output, stride } = sizes;
  const BLOCK = outChannels <= 2 ? 2 : 4;
  const ROWS = 4;
  const tilesH = Math.ceil(output[1] / ROWS);
  const tilesW = Math.ceil(output[2] / (4 * stride[2]));
  const cells = Math.ceil(output[0] / stride[0]);
  const groups = Math.ceil((cells * tilesH * tilesW) / LANES);
  const y = scope.tensor(convOutputShape(sizes), 'convTranspose3dForward.y');
  scope.dispatch(wgsl.convTranspose3dForwardTiles, {
    params: {
      ...convParams(sizes),
      has_bias: bias ? 1 : 0,
      tiles_h: tilesH,
      tiles_w: tilesW,
      groups,
    },
    buffers: { x, weight, bias: bias ?? weight, y },
    consts: { ...planeConsts(sizes), ROWS, BLOCK },
    overrides: { WORKGROUP_SIZE: LANES },
    workgroups: batch * Math.ceil(outChannels / BLOCK) * stride[0] * groups,
  });
  return y;
}

/**
 * dx: what a change of the input changes.
 *
 * @param xShape shape of the input, [N, Cin, D, H, W]
 * @param dy gradient of the output
 * @returns [N, Cin, D, H, W], owned by `scope`
 */
export function convTranspose3dBackwardInput(
  scope: Scope,
  xShape: readonly number[],
  weight: Tensor,
  dy: Tensor,
  options?: ConvTranspose3dOptions,
): Tensor {
  const sizes = convTranspose3dSizes('convTranspose3dBackwardInput', xShape, weight.shape, options);
  checkConvDy('convTranspose3dBackwardInput', dy, sizes);
  if (!isTiled(sizes)) return convTranspose3dBackwardInputNaive(scope, xShape, weight, dy, options);
  return stridedConvolution(scope, dy, weight, null, sizes);
}

/**
 * The input gradient of the transposed convolution of `sizes`, plus a bias: the strided convolution
 * that conv3d's forward pass is. `sizes` must be tiled.
 *
 * @param dy [N, Cout, D', H', W'], what the strided convolution reads
 * @param weight [Cin, Cout, kd, kh, kw]
 * @param bias [Cin] or null
 * @returns [N, Cin, D, H, W], owned by `scope`
 */
export function stridedConvolution(
  scope: Scope,
  dy: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  sizes: ConvSizes,
): Tensor {
  const { batch, inChannels, input } = sizes;
  const BLOCK = 8;
  const ROWS = 2;
  const tilesH = Math.ceil(input[1] / ROWS);
  const tilesW = Math.ceil(input[2] / 4);
  const groups = Math.ceil((input[0] * tilesH * tilesW) / LANES);
  const dx = scope.tensor([batch, inChannels, ...input], 'stridedConvolution.dx');
  scope.dispatch(wgsl.convTranspose3dBackwardInputTiles, {
    params: {
      ...convParams(sizes),
      has_bias: bias ? 1 : 0,
      tiles_h: tilesH,
      tiles_w: tilesW,
      groups,
    },
    buffers: { weight, dy, bias: bias ?? weight, dx },
    consts: { ...planeConsts(sizes), ROWS, BLOCK },
    overrides: { WORKGROUP_SIZE: LANES },
    workgroups: batch * Math.ceil(inChannels / BLOCK) * groups,
  });
  return dx;
}

/**
 * dweight: what a change of the weights changes.
 *
 * @param weightShape [Cin, Cout, kd, kh, kw]
 * @param dy gradient of the output
 * @returns like weight, owned by `scope`
 */
export function convTranspose3dBackwardWeight(
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
  if (!isTiled(sizes)) {
    return convTranspose3dBackwardWeightNaive(scope, x, weightShape, dy, options);
  }
  checkConvDy('convTranspose3dBackwardWeight', dy, sizes);
  using scratch = scope.child();
  const { batch, inChannels, outChannels, input, kernel } = sizes;
  const IN_BLOCK = 8;
  const OUT_BLOCK = 1;
  const weights = product(weightShape);
  const segments = batch * input[0] * input[1] * Math.ceil(input[2] / 4);
  const wanted = Math.min(256, Math.max(8, Math.ceil(segments / 128)));
  const splits = Math.min(wanted, segments, Math.max(1, Math.floor(MAX_PARTIALS / weights)));
  const groups = Math.ceil(splits / LANES);
  const blocks = Math.ceil(inChannels / IN_BLOCK) * Math.ceil(outChannels / OUT_BLOCK);
  const partial = scratch.tensor([weights, splits], 'convTranspose3dBackwardWeight.partial');
  scope.dispatch(wgsl.convTranspose3dBackwardWeightTiles, {
    params: { ...convParams(sizes), splits, groups },
    buffers: { x, dy, partial },
    consts: { ...planeConsts(sizes), IN_BLOCK, OUT_BLOCK },
    overrides: { WORKGROUP_SIZE: LANES },
    workgroups: blocks * kernel[0] * groups,
  });
  return sumRows(scope, partial, weights, 1, weightShape);
}
