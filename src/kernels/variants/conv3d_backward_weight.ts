/** The kernels of conv3d's weight gradient: sums over voxels, split over threads, added in a fixed order. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams, product } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { adjointSizes, isTiledStrided } from './adjoint.ts';
import { BROADCAST_BACKWARD_WEIGHT } from './broadcast_weight.ts';
import { convFlops } from './conv_flops.ts';
import { TRANSPOSED_BACKWARD_WEIGHT } from './conv_transpose3d_backward_weight.ts';
import { blockFor, isPlane3x3 } from './conv3d_blocked.ts';
import { POINTWISE_BACKWARD_WEIGHT } from './pointwise.ts';
import { SHARED_BACKWARD_WEIGHT } from './shared.ts';
import type { BackwardWeightInputs, Variant } from './variant.ts';

/** Threads that the sums are split into: enough for a GPU, little scratch. */
const SPLIT_THREADS = 4096;
/** Threads per workgroup: lanes of the software adapter's vectors. */
const LANES = 8;

const weightShapeOf = ({ inChannels, outChannels, kernel }: ConvSizes): number[] => [
  outChannels,
  inChannels,
  ...kernel,
];

const naive: Variant<BackwardWeightInputs> = {
  name: 'naive',
  suits: () => true,
  run: (scope, { x, dy }, sizes) => {
    using scratch = scope.child();
    const shape = weightShapeOf(sizes);
    const weights = product(shape);
    const rows = sizes.output[0] * sizes.output[1];
    const splits = Math.min(rows, Math.max(1, Math.ceil(65536 / weights)));
    const partial = scratch.tensor([weights, splits], 'conv3dBackwardWeight.partial');
    scope.dispatch(wgsl.conv3dBackwardWeightNaive, {
      params: { ...convParams(sizes), splits },
      buffers: { x, dy, partial },
      flops: convFlops(sizes),
      threads: partial.size,
    });
    return sumRows(scope, partial, weights, 1, shape);
  },
};

/** Sums of `splits` parts per weight, which `fill` computes into the tensor that it is given. */
function splitSums(
  scope: Scope,
  sizes: ConvSizes,
  splits: number,
  fill: (partial: Tensor) => void,
): Tensor {
  using scratch = scope.child();
  const shape = weightShapeOf(sizes);
  const weights = product(shape);
  const partial =
    splits === 1
      ? scope.tensor(shape, 'conv3dBackwardWeight.dweight')
      : scratch.tensor([weights, splits], 'conv3dBackwardWeight.partial');
  fill(partial);
  return splits === 1 ? partial : sumRows(scope, partial, weights, 1, shape);
}

/** One thread sums `most` output channels for one input channel and all taps; tiles of 4 rows x 4 columns. */
const rows = (most: number, fewest = 1): Variant<BackwardWeightInputs> => ({
  name: `rows${most}`,
  // With fewer channels than `fewest` the block shrinks to that of another variant.
  suits: (_, sizes) => isPlane3x3(sizes) && sizes.kernel[0] <= 3 && sizes.outChannels >= fewest,
  run: (scope, { x, dy }, sizes) => {
    const { batch, inChannels, outChannels, output, kernel } = sizes;
    const block = blockFor(outChannels, most);
    const tilesW = Math.ceil(output[2] / 4);
    const tilesH = Math.ceil(output[1] / 4);
    const tiles = batch * output[0] * tilesH * tilesW;
    const threads = Math.ceil(outChannels / block) * inChannels;
    const splits = Math.min(tiles, Math.max(1, Math.ceil(SPLIT_THREADS / threads)));
    return splitSums(scope, sizes, splits, (partial) =>
      scope.dispatch(wgsl.conv3dBackwardWeightRows, {
        params: { ...convParams(sizes), splits, tiles_h: tilesH, tiles_w: tilesW },
        buffers: { x, dy, partial },
        consts: { KERNEL_D: kernel[0], BLOCK: block },
        overrides: { WORKGROUP_SIZE: LANES },
        flops: convFlops(sizes),
        threads: threads * splits,
      }),
    );
  },
});

/** One thread sums 8 output channels for one input channel and one plane of taps. */
const block: Variant<BackwardWeightInputs> = {
  name: 'block',
  // Beyond these kernels a thread's sums would not fit into registers and cache.
  suits: (_, { kernel }) => kernel[1] * kernel[2] <= 25,
  run: (scope, { x, dy }, sizes) => {
    const { batch, inChannels, outChannels, output, kernel } = sizes;
    const tilesW = Math.ceil(output[2] / 4);
    const tiles = batch * output[0] * output[1] * tilesW;
    const threads = Math.ceil(outChannels / 8) * inChannels * kernel[0];
    const splits = Math.min(tiles, Math.max(1, Math.ceil(SPLIT_THREADS / threads)));
    return splitSums(scope, sizes, splits, (partial) =>
      scope.dispatch(wgsl.conv3dBackwardWeightBlock, {
        params: { ...convParams(sizes), splits, tiles_w: tilesW },
        buffers: { x, dy, partial },
        consts: { KERNEL_H: kernel[1], KERNEL_W: kernel[2] },
        overrides: { WORKGROUP_SIZE: LANES },
        flops: convFlops(sizes),
        threads: threads * splits,
      }),
    );
  },
};

/** x and dy swap their parts in the transposed convolution of the same weights. */
const strided = TRANSPOSED_BACKWARD_WEIGHT.map(
  ({ name, suits, run }): Variant<BackwardWeightInputs> => ({
    name,
    suits: (traits, sizes) => isTiledStrided(sizes) && suits(traits, adjointSizes(sizes)),
    run: (scope, { x, dy }, sizes) => run(scope, { x: dy, dy: x }, adjointSizes(sizes)),
  }),
);

export const CONV3D_BACKWARD_WEIGHT: readonly Variant<BackwardWeightInputs>[] = [
  ...SHARED_BACKWARD_WEIGHT,
  ...POINTWISE_BACKWARD_WEIGHT,
  ...BROADCAST_BACKWARD_WEIGHT,
  ...strided,
  rows(8),
  rows(4, 5),
  rows(2, 3),
  block,
  naive,
];
