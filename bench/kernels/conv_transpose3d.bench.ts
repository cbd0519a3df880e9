/** conv_transpose3d on the layers of a network, by every kernel of the registry. */
import {
  convTranspose3dBackwardInput,
  convTranspose3dBackwardWeight,
  convTranspose3dForward,
} from '../../src/kernels/conv_transpose3d.ts';
import { convTranspose3dSizes } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import type { Layer } from '../layers.ts';
import { convolutionCases, geometry } from './convolution.ts';

export function convTranspose3dCases(layers: readonly Layer[], batch: number): BenchCase[] {
  return layers
    .filter(({ op }) => op === 'conv_transpose3d')
    .flatMap((layer) => {
      const { inChannels, outChannels, kernel, stride, input } = layer;
      const options = { ...geometry(layer), outputPadding: stride - 1 };
      const weightShape = [inChannels, outChannels, kernel, kernel, kernel];
      const xShape = [batch, inChannels, ...input];
      const sizes = convTranspose3dSizes('convTranspose3dCases', xShape, weightShape, options);
      return convolutionCases(layer, sizes, weightShape, {
        forward: (scope, { x, weight, bias }) =>
          convTranspose3dForward(scope, x, weight, bias, options),
        backward_input: (scope, { weight, dy }) =>
          convTranspose3dBackwardInput(scope, xShape, weight, dy, options),
        backward_weight: (scope, { x, dy }) =>
          convTranspose3dBackwardWeight(scope, x, weightShape, dy, options),
      });
    });
}
