/** conv3d on the layers of a network, by every kernel of the registry. */
import {
  conv3dBackwardInput,
  conv3dBackwardWeight,
  conv3dForward,
} from '../../src/kernels/conv3d.ts';
import { conv3dSizes } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import type { Layer } from '../layers.ts';
import { convolutionCases, distinctLayers, geometry } from './convolution.ts';

export function conv3dCases(layers: readonly Layer[], batch: number): BenchCase[] {
  return distinctLayers(layers)
    .filter(({ op }) => op === 'conv3d')
    .flatMap((layer) => {
      const { inChannels, outChannels, kernel, input } = layer;
      const options = geometry(layer);
      const weightShape = [outChannels, inChannels, kernel, kernel, kernel];
      const xShape = [batch, inChannels, ...input];
      const sizes = conv3dSizes('conv3dCases', xShape, weightShape, options);
      return convolutionCases(layer, sizes, weightShape, {
        forward: (scope, { x, weight, bias }) => conv3dForward(scope, x, weight, bias, options),
        backward_input: (scope, { weight, dy }) =>
          conv3dBackwardInput(scope, xShape, weight, dy, options),
        backward_weight: (scope, { x, dy }) =>
          conv3dBackwardWeight(scope, x, weightShape, dy, options),
      });
    });
}
