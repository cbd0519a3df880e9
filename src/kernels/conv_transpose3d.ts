/** conv_transpose3d launchers; the meaning is in `reference/conv_transpose3d.ts`, the kernels are in `variants/`. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import {
  type ConvTranspose3dOptions,
  checkConvBias,
  checkConvDy,
  convTranspose3dSizes,
} from '../shape.ts';
import { chooseVariant } from './variants/choose.ts';
import { CONV_TRANSPOSE3D_BACKWARD_INPUT } from './variants/conv_transpose3d_backward_input.ts';
import { CONV_TRANSPOSE3D_BACKWARD_WEIGHT } from './variants/conv_transpose3d_backward_weight.ts';
import { CONV_TRANSPOSE3D_FORWARD } from './variants/conv_transpose3d_forward.ts';

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
  checkConvBias('convTranspose3dForward', bias, sizes);
  const problem = { op: 'conv_transpose3d', pass: 'forward', dtype: x.dtype, sizes };
  const variant = chooseVariant(scope.gpu, CONV_TRANSPOSE3D_FORWARD, problem);
  return variant.run(scope, { x, weight, bias }, sizes);
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
  const problem = { op: 'conv_transpose3d', pass: 'backward_input', dtype: dy.dtype, sizes };
  const variant = chooseVariant(scope.gpu, CONV_TRANSPOSE3D_BACKWARD_INPUT, problem);
  return variant.run(scope, { weight, dy }, sizes);
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
  const caller = 'convTranspose3dBackwardWeight';
  const sizes = convTranspose3dSizes(caller, x.shape, weightShape, options);
  checkConvDy(caller, dy, sizes);
  const problem = { op: 'conv_transpose3d', pass: 'backward_weight', dtype: x.dtype, sizes };
  const variant = chooseVariant(scope.gpu, CONV_TRANSPOSE3D_BACKWARD_WEIGHT, problem);
  return variant.run(scope, { x, dy }, sizes);
}
