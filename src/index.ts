/** Everything that runs in browsers and on Node alike. Files and Dawn are in `voxgrad/node`. */

export { Tape, type TapeOptions } from './autograd/tape.ts';
export { Parameter, Variable } from './autograd/variable.ts';
export * from './errors.ts';

export { Gpu } from './gpu/device.ts';
export { Scope } from './gpu/scope.ts';
export { Tensor } from './gpu/tensor.ts';
export { convTranspose3dForward } from './kernels/conv_transpose3d.ts';
export {
  type ConvTranspose3dOptions,
  convTranspose3dSizes,
} from './kernels/conv_transpose3d_shape.ts';

export { conv3dBackwardInput, conv3dBackwardWeight, conv3dForward } from './kernels/conv3d.ts';
export { type Conv3dOptions, conv3dSizes } from './kernels/conv3d_shape.ts';
export { type DiceCeOptions, diceCeForward } from './kernels/dice_ce.ts';
export { instanceNormForward } from './kernels/instance_norm.ts';
export { preluForward } from './kernels/prelu.ts';
export { Rng } from './rng.ts';
export type { Triple } from './shape.ts';
