/** conv_transpose3d on the layers of a network. A new kernel is one more entry of a pass. */
import {
  convTranspose3dBackwardInput,
  convTranspose3dBackwardInputNaive,
  convTranspose3dBackwardWeight,
  convTranspose3dBackwardWeightNaive,
  convTranspose3dForward,
  convTranspose3dForwardNaive,
} from '../../src/kernels/conv_transpose3d.ts';
import type { BenchCase } from '../case.ts';
import type { Layer } from '../layers.ts';
import { convolutionCases, geometry, type Kernels } from './convolution.ts';

const options = (layer: Layer) => ({ ...geometry(layer), outputPadding: layer.stride - 1 });

const forward =
  (kernel: typeof convTranspose3dForward): Kernels['forward'][string] =>
  (scope, { x, weight, bias }, layer) =>
    kernel(scope, x, weight, bias, options(layer));

const backwardInput =
  (kernel: typeof convTranspose3dBackwardInput): Kernels['forward'][string] =>
  (scope, { x, weight, dy }, layer) =>
    kernel(scope, x.shape, weight, dy, options(layer));

const backwardWeight =
  (kernel: typeof convTranspose3dBackwardWeight): Kernels['forward'][string] =>
  (scope, { x, weight, dy }, layer) =>
    kernel(scope, x, weight.shape, dy, options(layer));

const KERNELS: Kernels = {
  forward: {
    naive: forward(convTranspose3dForwardNaive),
    shipped: forward(convTranspose3dForward),
  },
  backward_input: {
    naive: backwardInput(convTranspose3dBackwardInputNaive),
    shipped: backwardInput(convTranspose3dBackwardInput),
  },
  backward_weight: {
    naive: backwardWeight(convTranspose3dBackwardWeightNaive),
    shipped: backwardWeight(convTranspose3dBackwardWeight),
  },
};

export function convTranspose3dCases(layers: readonly Layer[], batch: number): BenchCase[] {
  return layers
    .filter(({ op }) => op === 'conv_transpose3d')
    .flatMap((layer) => {
      const { inChannels, outChannels, kernel } = layer;
      const weightShape = [inChannels, outChannels, kernel, kernel, kernel];
      return convolutionCases(layer, batch, weightShape, KERNELS);
    });
}
