/** Weight gradients of convolutions whose input the lanes of a subgroup load together, a column each. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams, product } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { adjointSizes } from './adjoint.ts';
import { hasLanes, isEvenPlane, LANES } from './broadcast.ts';
import { convFlops } from './conv_flops.ts';
import type { BackwardWeightInputs, Variant } from './variant.ts';

/** Workgroups that the sums are split into: enough for the cores of a processor, little scratch. */
const SPLIT_GROUPS = 128;

/** What one thread sums: all taps of one input channel and `channels` output channels over tiles of `rows` x 4. */
interface WeightTile {
  readonly channels: 1 | 2 | 4;
  readonly rows: 2 | 4;
}

function runBackwardWeight(
  scope: Scope,
  { x, dy }: BackwardWeightInputs,
  sizes: ConvSizes,
  { channels, rows, name }: WeightTile & { readonly name: string },
): Tensor {
  const { batch, inChannels, outChannels, output, kernel, stride } = sizes;
  const shape = [outChannels, inChannels, ...kernel];
  const weights = product(shape);
  const tilesH = Math.ceil(output[1] / rows);
  const tilesW = Math.ceil(output[2] / 4);
  const tiles = batch * output[0] * tilesH * tilesW;
  const blocks = Math.ceil(outChannels / (LANES * channels)) * inChannels;
  const splits = Math.min(tiles, Math.ceil(SPLIT_GROUPS / blocks));
  using scratch = scope.child();
  const partial =
    splits === 1
      ? scope.tensor(shape, `${name}.dweight`)
      : scratch.tensor([weights, splits], `${name}.partial`);
  scope.dispatch(wgsl.conv3dBackwardWeightBroadcast, {
    params: { ...convParams(sizes), splits, tiles_h: tilesH, tiles_w: tilesW },
    buffers: { x, dy, partial },
    consts: { CHANNELS: channels, ROWS: rows, KERNEL_D: kernel[0], STRIDE: stride[1] },
    overrides: { WORKGROUP_SIZE: LANES },
    flops: convFlops(sizes),
    workgroups: blocks * splits,
  });
  return splits === 1 ? partial : sumRows(scope, partial, weights, 1, shape);
}

/** With fewer output channels than `fewest` another tile leaves fewer threads without work. */
const TILES: readonly (WeightTile & { readonly fewest: number })[] = [
  { channels: 4, rows: 2, fewest: 17 },
  { channels: 2, rows: 2, fewest: 9 },
  { channels: 2, rows: 4, fewest: 9 },
  { channels: 1, rows: 4, fewest: 3 },
];

const weightGradients = (
  name: string,
  convolution: (sizes: ConvSizes) => ConvSizes,
  swap: (inputs: BackwardWeightInputs) => BackwardWeightInputs,
): Variant<BackwardWeightInputs>[] =>
  TILES.map(({ channels, rows, fewest }) => ({
    name: `broadcast${rows}x${LANES * channels}`,
    suits: (traits, given) => {
      const sizes = convolution(given);
      return (
        hasLanes(traits, LANES) &&
        isEvenPlane(sizes) &&
        sizes.kernel[0] <= 3 &&
        sizes.outChannels >= fewest &&
        // With stride 1 and few channels a larger tile shares more loads.
        !(rows === 2 && channels < 4 && sizes.stride[1] === 1)
      );
    },
    run: (scope, inputs, sizes) =>
      runBackwardWeight(scope, swap(inputs), convolution(sizes), { channels, rows, name }),
  }));

/** Of conv3d's weight gradient. */
export const BROADCAST_BACKWARD_WEIGHT = weightGradients(
  'conv3dBackwardWeight',
  (sizes) => sizes,
  (inputs) => inputs,
);

/** Of conv_transpose3d's weight gradient: that of the convolution that reads dy and writes x. */
export const BROADCAST_TRANSPOSED_BACKWARD_WEIGHT = weightGradients(
  'convTranspose3dBackwardWeight',
  adjointSizes,
  ({ x, dy }) => ({ x: dy, dy: x }),
);
