/** conv3d launchers; the meaning is in `reference/conv3d.ts`. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import {
  type Conv3dOptions,
  type ConvSizes,
  checkConvBias,
  checkConvDy,
  conv3dSizes,
  convOutputShape,
  convParams,
  product,
  type Triple,
} from '../shape.ts';
import {
  convTranspose3dBackwardWeight,
  convTranspose3dForward,
  isTiled,
  stridedConvolution,
} from './conv_transpose3d.ts';
import { sumRows } from './sum.ts';

/** y = weight * x + bias by the readable kernel. @see conv3dForward */
export function conv3dForwardNaive(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: Conv3dOptions,
): Tensor {
  const sizes = conv3dSizes('conv3dForward', x.shape, weight.shape, options);
  checkConvBias('conv3dForward', bias, sizes);
  const y = scope.tensor(convOutputShape(sizes), 'conv3dForward.y');
  scope.dispatch(wgsl.conv3dForwardNaive, {
    params: { ...convParams(sizes), has_bias: bias ? 1 : 0 },
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
  checkConvDy('conv3dBackwardInput', dy, sizes);
  const dx = scope.tensor(xShape, 'conv3dBackwardInput.dx');
  scope.dispatch(wgsl.conv3dBackwardInputNaive, {
    params: convParams(sizes),
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
  checkConvDy('conv3dBackwardWeight', dy, sizes);
  using scratch = scope.child();
  const weights = product(weightShape);
  const rows = sizes.output[0] * sizes.output[1];
  const splits = Math.min(rows, Math.max(1, Math.ceil(65536 / weights)));
  const partial = scratch.tensor([weights, splits], 'conv3dBackwardWeight.partial');
  scope.dispatch(wgsl.conv3dBackwardWeightNaive, {
    params: { ...convParams(sizes), splits },
    buffers: { x, dy, partial },
    threads: partial.size,
  });
  return sumRows(scope, partial, weights, 1, weightShape);
}

/** Output channels that one thread of the blocked kernels computes. */
const BLOCK = 8;
/** The same of `conv3d_forward_rows`: its sums stay in registers only while they are few. */
const ROWS_BLOCK = 4;
/** No thread should work on channels that do not exist. */
const blockFor = (channels: number, most: number): number =>
  channels <= 2 ? 2 : channels <= 4 ? 4 : most;
/** Rows of y that one thread of `conv3d_forward_rows` computes. */
const ROWS = 4;
/** Lanes of the software adapter's vectors; larger groups gained nothing there. */
const LANES = 8;

const isPlane3x3 = ({ kernel, stride, dilation }: ConvSizes): boolean =>
  kernel[1] === 3 && kernel[2] === 3 && [...stride, ...dilation].every((value) => value === 1);

const perAxis = (value: (axis: number) => number): Triple => [value(0), value(1), value(2)];

/** Whether a strided convolution can take the tiled kernels of the transposed one, its adjoint. */
const isTiledStrided = (sizes: ConvSizes): boolean =>
  sizes.stride.some((step) => step > 1) &&
  sizes.dilation.every((step) => step === 1) &&
  isTiled(sizes);

/** The transposed convolution of which this convolution is the input gradient. */
const adjoint = (sizes: ConvSizes): ConvSizes => ({
  ...sizes,
  inChannels: sizes.outChannels,
  outChannels: sizes.inChannels,
  input: sizes.output,
  output: sizes.input,
});

/** Voxels at the far end of x that no window starts on: the transposed convolution's output padding. */
const rest = ({ input, output, kernel, stride, padding }: ConvSizes): Triple =>
  perAxis(
    (axis) =>
      input[axis]! - ((output[axis]! - 1) * stride[axis]! - 2 * padding[axis]! + kernel[axis]!),
  );

/**
 * y = weight * x + bias.
 *
 * @param x [N, Cin, D, H, W]
 * @param weight [Cout, Cin, kd, kh, kw]
 * @param bias [Cout] or null
 * @returns [N, Cout, D', H', W'], owned by `scope`
 * @throws ShapeError if the shapes do not fit
 * @see torch.nn.functional.conv3d
 */
export function conv3dForward(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options?: Conv3dOptions,
): Tensor {
  const sizes = conv3dSizes('conv3dForward', x.shape, weight.shape, options);
  checkConvBias('conv3dForward', bias, sizes);
  if (isTiledStrided(sizes)) {
    return stridedConvolution(scope, x, weight, bias, adjoint(sizes));
  }
  return blockedForward(scope, x, weight, bias, sizes, false);
}

/**
 * dx: what a change of the input changes.
 *
 * @param xShape shape of the input, [N, Cin, D, H, W]
 * @param dy gradient of the output
 * @returns [N, Cin, D, H, W], owned by `scope`
 */
export function conv3dBackwardInput(
  scope: Scope,
  xShape: readonly number[],
  weight: Tensor,
  dy: Tensor,
  options?: Conv3dOptions,
): Tensor {
  const sizes = conv3dSizes('conv3dBackwardInput', xShape, weight.shape, options);
  checkConvDy('conv3dBackwardInput', dy, sizes);
  const { batch, inChannels, outChannels, input, output, kernel, stride, padding, dilation } =
    sizes;
  if (isTiledStrided(sizes)) {
    // The input gradient of a strided convolution is the transposed convolution of dy.
    return convTranspose3dForward(scope, dy, weight, null, {
      stride,
      padding,
      outputPadding: rest(sizes),
    });
  }
  const mirroredPadding = perAxis((axis) => dilation[axis]! * (kernel[axis]! - 1) - padding[axis]!);
  if (stride.some((step) => step !== 1) || mirroredPadding.some((voxels) => voxels < 0)) {
    return conv3dBackwardInputNaive(scope, xShape, weight, dy, options);
  }
  // With stride 1 the input gradient is a convolution of dy with the mirrored kernel.
  return blockedForward(
    scope,
    dy,
    weight,
    null,
    {
      batch,
      inChannels: outChannels,
      outChannels: inChannels,
      input: output,
      output: input,
      kernel,
      stride,
      padding: mirroredPadding,
      dilation,
    },
    true,
  );
}

/**
 * dweight: what a change of the weights changes.
 *
 * @param weightShape [Cout, Cin, kd, kh, kw]
 * @param dy gradient of the output
 * @returns like weight, owned by `scope`
 */
export function conv3dBackwardWeight(
  scope: Scope,
  x: Tensor,
  weightShape: readonly number[],
  dy: Tensor,
  options?: Conv3dOptions,
): Tensor {
  const sizes = conv3dSizes('conv3dBackwardWeight', x.shape, weightShape, options);
  checkConvDy('conv3dBackwardWeight', dy, sizes);
  const { batch, inChannels, outChannels, output, kernel, stride, padding } = sizes;
  if (isTiledStrided(sizes)) {
    // x and dy swap their parts in the transposed convolution of the same weights.
    return convTranspose3dBackwardWeight(scope, dy, weightShape, x, {
      stride,
      padding,
      outputPadding: rest(sizes),
    });
  }
  // Beyond these kernels a thread's sums would not fit into registers and cache.
  if (kernel[1] * kernel[2] > 25) {
    return conv3dBackwardWeightNaive(scope, x, weightShape, dy, options);
  }
  using scratch = scope.child();
  const plane3x3 = isPlane3x3(sizes) && kernel[0] <= 3;
  const tilesW = Math.ceil(output[2] / 4);
  const tilesH = plane3x3 ? Math.ceil(output[1] / 4) : output[1];
  const tiles = batch * output[0] * tilesH * tilesW;
  const block = plane3x3 ? blockFor(outChannels, BLOCK) : BLOCK;
  const rows = Math.ceil(outChannels / block) * inChannels * (plane3x3 ? 1 : kernel[0]);
  const splits = Math.min(tiles, Math.max(1, Math.ceil(SPLIT_THREADS / rows)));
  const weights = product(weightShape);
  const partial =
    splits === 1
      ? scope.tensor(weightShape, 'conv3dBackwardWeight.dweight')
      : scratch.tensor([weights, splits], 'conv3dBackwardWeight.partial');
  const common = { buffers: { x, dy, partial }, threads: rows * splits };
  const params = { ...convParams(sizes), splits, tiles_w: tilesW };
  const overrides = { WORKGROUP_SIZE: LANES };
  if (plane3x3) {
    const consts = { KERNEL_D: kernel[0], BLOCK: block };
    const rowParams = { ...params, tiles_h: tilesH };
    scope.dispatch(wgsl.conv3dBackwardWeightRows, {
      ...common,
      params: rowParams,
      consts,
      overrides,
    });
  } else {
    const consts = { KERNEL_H: kernel[1], KERNEL_W: kernel[2] };
    scope.dispatch(wgsl.conv3dBackwardWeightBlock, { ...common, params, consts, overrides });
  }
  return splits === 1 ? partial : sumRows(scope, partial, weights, 1, weightShape);
}

/** Threads that a weight gradient is split into: enough for a GPU, little scratch. */
const SPLIT_THREADS = 4096;

/**
 * The convolution of `sizes` by a register-blocked kernel. `mirrored` reads the weight as
 * [Cin, Cout, ...] with its taps in reverse.
 */
function blockedForward(
  scope: Scope,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  sizes: ConvSizes,
  mirrored: boolean,
): Tensor {
  const { batch, inChannels, outChannels, output, kernel } = sizes;
  const plane3x3 = isPlane3x3(sizes);
  const block = plane3x3 ? blockFor(outChannels, ROWS_BLOCK) : BLOCK;
  const blocks = Math.ceil(outChannels / block);
  const taps = product(kernel);
  const y = scope.tensor(
    convOutputShape(sizes),
    mirrored ? 'conv3dBackwardInput.dx' : 'conv3dForward.y',
  );
  const tilesW = Math.ceil(output[2] / 4);
  const tilesH = plane3x3 ? Math.ceil(output[1] / ROWS) : output[1];
  const groups = Math.ceil((output[0] * tilesH * tilesW) / LANES);
  const common = {
    buffers: { x, weight, bias: bias ?? weight, y },
    overrides: { WORKGROUP_SIZE: LANES },
    workgroups: batch * blocks * groups,
  };
  const params = {
    ...convParams(sizes),
    has_bias: bias ? 1 : 0,
    weight_out: mirrored ? taps : inChannels * taps,
    weight_in: mirrored ? outChannels * taps : taps,
    tap_first: mirrored ? taps - 1 : 0,
    tap_step: mirrored ? -1 : 1,
    groups,
    tiles_w: tilesW,
  };
  if (plane3x3) {
    const rowParams = { ...params, tiles_h: tilesH };
    scope.dispatch(wgsl.conv3dForwardRows, {
      ...common,
      params: rowParams,
      consts: { ROWS, BLOCK: block },
    });
  } else {
    scope.dispatch(wgsl.conv3dForwardBlock, { ...common, params });
  }
  return y;
}
