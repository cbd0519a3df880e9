/** conv3d: kernels of 3 with stride 1 and 2, and of 1. */
import {
  conv3dBackwardInput,
  conv3dBackwardWeight,
  conv3dForward,
} from '../../src/kernels/conv3d.ts';
import * as reference from '../../src/reference/conv3d.ts';
import { conv3dSizes } from '../../src/shape.ts';
import type { Check, VolumeShape } from './check.ts';
import { convolutionChecks } from './convolution.ts';

/** How a convolution goes from its input to its output. */
export interface ConvKind {
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
}

/** All passes of one conv3d with padding that keeps the size, or halves it. */
export function conv3dCheck(x: VolumeShape, kind: ConvKind): Check[] {
  const { outChannels, kernel, stride } = kind;
  const weightShape = [outChannels, x[1], kernel, kernel, kernel];
  const options = { stride, padding: (kernel - 1) / 2 };
  const sizes = conv3dSizes('conv3dCheck', x, weightShape, options);
  return convolutionChecks({
    op: 'conv3d',
    title: `${x.join('x')} to ${outChannels} channels, kernel ${kernel}, stride ${stride}`,
    sizes,
    weightShape,
    shipped: {
      forward: (scope, { x, weight, bias }) => conv3dForward(scope, x, weight, bias, options),
      backward_input: (scope, { weight, dy }) => conv3dBackwardInput(scope, x, weight, dy, options),
      backward_weight: (scope, { x, dy }) =>
        conv3dBackwardWeight(scope, x, weightShape, dy, options),
    },
    plain: {
      forward: ({ x, weight, bias }) => reference.conv3dForward(x, weight, bias, sizes),
      backward_input: ({ weight, dy }) => reference.conv3dBackwardInput(weight, dy, sizes),
      backward_weight: ({ x, dy }) => reference.conv3dBackwardWeight(x, dy, sizes).dweight,
    },
  });
}

export function conv3dChecks(shape: VolumeShape): Check[] {
  const outChannels = shape[1] === 1 ? 1 : shape[1] + 2;
  return [
    ...conv3dCheck(shape, { outChannels, kernel: 3, stride: 1 }),
    ...conv3dCheck(shape, { outChannels, kernel: 3, stride: 2 }),
    ...conv3dCheck(shape, { outChannels, kernel: 1, stride: 1 }),
  ];
}
