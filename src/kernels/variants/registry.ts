/** Every variant of every pass that has more than one: what the tuner times and the tests hold to the reference. */
import { CONV_TRANSPOSE3D_BACKWARD_INPUT } from './conv_transpose3d_backward_input.ts';
import { CONV_TRANSPOSE3D_BACKWARD_WEIGHT } from './conv_transpose3d_backward_weight.ts';
import { CONV_TRANSPOSE3D_FORWARD } from './conv_transpose3d_forward.ts';
import { CONV3D_BACKWARD_INPUT } from './conv3d_backward_input.ts';
import { CONV3D_BACKWARD_WEIGHT } from './conv3d_backward_weight.ts';
import { CONV3D_FORWARD } from './conv3d_forward.ts';
import type { ConvInputs, Variant } from './variant.ts';

export type ConvOp = 'conv3d' | 'conv_transpose3d';
export type ConvPass = 'forward' | 'backward_input' | 'backward_weight';

export const VARIANTS: Readonly<
  Record<ConvOp, Readonly<Record<ConvPass, readonly Variant<ConvInputs>[]>>>
> = {
  conv3d: {
    forward: CONV3D_FORWARD,
    backward_input: CONV3D_BACKWARD_INPUT,
    backward_weight: CONV3D_BACKWARD_WEIGHT,
  },
  conv_transpose3d: {
    forward: CONV_TRANSPOSE3D_FORWARD,
    backward_input: CONV_TRANSPOSE3D_BACKWARD_INPUT,
    backward_weight: CONV_TRANSPOSE3D_BACKWARD_WEIGHT,
  },
};
