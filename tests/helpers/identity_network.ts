import type { StateDict } from '../../src/nn/module.ts';
import { type UNetConfig, unetConfig } from '../../src/nn/unet_config.ts';

/** A real U-Net of two levels without striding, small enough to see through. */
export const IDENTITY_CONFIG: UNetConfig = unetConfig({
  inChannels: 1,
  outChannels: 2,
  channels: [2, 2],
  strides: [1],
  numResUnits: 1,
  norm: 'none',
});

/** Index of the middle of a 3x3x3 kernel. */
const CENTRE = 13;

/**
 * Weights that make the logits (threshold - x, x - threshold) of each voxel's own value: class 1
 * where x is above the threshold. All 3x3x3 convolutions are zero but for the one on the way up,
 * which passes the first two channels on; the rest travels along the residual paths.
 */
export function identityWeights(threshold: number): StateDict {
  const zeros = (...shape: number[]) => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  const of = (shape: number[], ...values: number[]) => ({
    shape,
    data: Float32Array.from(values),
  });
  const up = zeros(4, 2, 3, 3, 3);
  // [Cin, Cout, k, k, k]: encoder channels 0 and 1 to channels 0 and 1.
  up.data[0 * 27 + CENTRE] = 1;
  up.data[3 * 27 + CENTRE] = 1;
  return new Map([
    ['model.0.conv.unit0.conv.weight', zeros(2, 1, 3, 3, 3)],
    ['model.0.conv.unit0.conv.bias', zeros(2)],
    ['model.0.conv.unit0.adn.A.weight', of([1], 1)],
    ['model.0.residual.weight', of([2, 1, 1, 1, 1], -1, 1)],
    ['model.0.residual.bias', of([2], threshold, -threshold)],
    ['model.1.submodule.conv.unit0.conv.weight', zeros(2, 2, 3, 3, 3)],
    ['model.1.submodule.conv.unit0.conv.bias', zeros(2)],
    ['model.1.submodule.conv.unit0.adn.A.weight', of([1], 1)],
    ['model.2.0.conv.weight', up],
    ['model.2.0.conv.bias', zeros(2)],
    ['model.2.0.adn.A.weight', of([1], 1)],
    ['model.2.1.conv.unit0.conv.weight', zeros(2, 2, 3, 3, 3)],
    ['model.2.1.conv.unit0.conv.bias', zeros(2)],
  ]);
}
