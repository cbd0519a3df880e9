/** conv3d launchers; the meaning is in `reference/conv3d.ts`, the kernels are in `variants/`. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { type Conv3dOptions, checkConvBias, checkConvDy, conv3dSizes } from '../shape.ts';
import { chooseVariant } from './variants/choose.ts';
import { CONV3D_BACKWARD_INPUT } from './variants/conv3d_backward_input.ts';
import { CONV3D_BACKWARD_WEIGHT } from './variants/conv3d_backward_weight.ts';
import { CONV3D_FORWARD } from './variants/conv3d_forward.ts';

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
  const problem = { op: 'conv3d', pass: 'forward', dtype: x.dtype, sizes };
  const variant = chooseVariant(scope.gpu, CONV3D_FORWARD, problem);
  return variant.run(scope, { x, weight, bias }, sizes);
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
  const problem = { op: 'conv3d', pass: 'backward_input', dtype: dy.dtype, sizes };
  const variant = chooseVariant(scope.gpu, CONV3D_BACKWARD_INPUT, problem);
  return variant.run(scope, { weight, dy }, sizes);
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
  const problem = { op: 'conv3d', pass: 'backward_weight', dtype: x.dtype, sizes };
  const variant = chooseVariant(scope.gpu, CONV3D_BACKWARD_WEIGHT, problem);
  return variant.run(scope, { x, dy }, sizes);
}
