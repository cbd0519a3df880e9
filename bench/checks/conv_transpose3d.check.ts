/** conv_transpose3d: kernels of 3 and of 2 that double the size. */
import {
  convTranspose3dBackwardInput,
  convTranspose3dBackwardWeight,
  convTranspose3dForward,
} from '../../src/kernels/conv_transpose3d.ts';
import * as reference from '../../src/reference/conv_transpose3d.ts';
import { convTranspose3dSizes } from '../../src/shape.ts';
import type { Check, VolumeShape } from './check.ts';
import type { ConvKind } from './conv3d.check.ts';
import { convolutionChecks } from './convolution.ts';

/** All passes of one conv_transpose3d whose output is `stride` times as large. */
export function convTranspose3dCheck(x: VolumeShape, kind: ConvKind): Check[] {
  const { outChannels, kernel, stride } = kind;
  const weightShape = [x[1], outChannels, kernel, kernel, kernel];
  const padding = Math.floor((kernel - 1) / 2);
  const options = { stride, padding, outputPadding: stride + 2 * padding - kernel };
  const sizes = convTranspose3dSizes('convTranspose3dCheck', x, weightShape, options);
  return convolutionChecks({
    op: 'conv_transpose3d',
    title: `${x.join('x')} to ${outChannels} channels, kernel ${kernel}, stride ${stride}`,
    sizes,
    weightShape,
    shipped: {
      forward: (scope, { x, weight, bias }) =>
        convTranspose3dForward(scope, x, weight, bias, options),
      backward_input: (scope, { weight, dy }) =>
        convTranspose3dBackwardInput(scope, x, weight, dy, options),
      backward_weight: (scope, { x, dy }) =>
        convTranspose3dBackwardWeight(scope, x, weightShape, dy, options),
    },
    plain: {
      forward: ({ x, weight, bias }) => reference.convTranspose3dForward(x, weight, bias, sizes),
      backward_input: ({ weight, dy }) => reference.convTranspose3dBackwardInput(weight, dy, sizes),
      backward_weight: ({ x, dy }) => reference.convTranspose3dBackwardWeight(x, dy, sizes).dweight,
    },
  });
}

export function convTranspose3dChecks(shape: VolumeShape): Check[] {
  const outChannels = shape[1] === 1 ? 1 : shape[1] + 2;
  return [
    ...convTranspose3dCheck(shape, { outChannels, kernel: 3, stride: 2 }),
    ...convTranspose3dCheck(shape, { outChannels, kernel: 2, stride: 2 }),
  ];
}
