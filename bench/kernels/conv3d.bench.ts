/** conv3d on the layers of a network. A new kernel is one more entry of a pass. */
import {
  conv3dBackwardInput,
  conv3dBackwardInputNaive,
  conv3dBackwardWeight,
  conv3dBackwardWeightNaive,
  conv3dForward,
  conv3dForwardNaive,
} from '../../src/kernels/conv3d.ts';
import type { BenchCase } from '../case.ts';
import type { Layer } from '../layers.ts';
import { convolutionCases, distinctLayers, geometry, type Kernels } from './convolution.ts';

const forward =
  (kernel: typeof conv3dForward): Kernels['forward'][string] =>
  (scope, { x, weight, bias }, layer) =>
    kernel(scope, x, weight, bias, geometry(layer));

const backwardInput =
  (kernel: typeof conv3dBackwardInput): Kernels['forward'][string] =>
  (scope, { x, weight, dy }, layer) =>
    kernel(scope, x.shape, weight, dy, geometry(layer));

const backwardWeight =
  (kernel: typeof conv3dBackwardWeight): Kernels['forward'][string] =>
  (scope, { x, weight, dy }, layer) =>
    kernel(scope, x, weight.shape, dy, geometry(layer));

const KERNELS: Kernels = {
  forward: { naive: forward(conv3dForwardNaive), shipped: forward(conv3dForward) },
  backward_input: {
    naive: backwardInput(conv3dBackwardInputNaive),
    shipped: backwardInput(conv3dBackwardInput),
  },
  backward_weight: {
    naive: backwardWeight(conv3dBackwardWeightNaive),
    shipped: backwardWeight(conv3dBackwardWeight),
  },
};

export function conv3dCases(layers: readonly Layer[], batch: number): BenchCase[] {
  return distinctLayers(layers)
    .filter(({ op }) => op === 'conv3d')
    .flatMap((layer) => {
      const { inChannels, outChannels, kernel } = layer;
      const weightShape = [outChannels, inChannels, kernel, kernel, kernel];
      return convolutionCases(layer, batch, weightShape, KERNELS);
    });
}
