/** The kernels of conv_transpose3d's weight gradient; that of conv3d, strided, is one too. */
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams, product } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { isTiled, planeConsts } from './adjoint.ts';
import { BROADCAST_TRANSPOSED_BACKWARD_WEIGHT } from './broadcast_weight.ts';
import { convFlops } from './conv_flops.ts';
import { SHARED_TRANSPOSED_BACKWARD_WEIGHT } from './shared.ts';
import type { BackwardWeightInputs, Variant } from './variant.ts';

/** Threads per workgroup: a GPU's warp; the software adapter does not mind. */
const LANES = 32;
/** Partial sums that the weight gradient may hold at once, in elements (32 MiB). */
const MAX_PARTIALS = 2 ** 23;

const weightShapeOf = ({ inChannels, outChannels, kernel }: ConvSizes): number[] => [
  inChannels,
  outChannels,
  ...kernel,
];

const naive: Variant<BackwardWeightInputs> = {
  name: 'naive',
  suits: () => true,
  run: (scope, { x, dy }, sizes) => {
    using scratch = scope.child();
    const shape = weightShapeOf(sizes);
    const weights = product(shape);
    const rows = sizes.batch * sizes.input[0] * sizes.input[1];
    const splits = Math.min(rows, Math.max(1, Math.ceil(65536 / weights)));
    const partial = scratch.tensor([weights, splits], 'convTranspose3dBackwardWeight.partial');
    scope.dispatch(wgsl.convTranspose3dBackwardWeightNaive, {
      params: { ...convParams(sizes), splits },
      buffers: { x, dy, partial },
      flops: convFlops(sizes),
      threads: partial.size,
    });
    return sumRows(scope, partial, weights, 1, shape);
  },
};

/** `tiles<in>x<out>`: one thread sums `inBlock` channels of x against `outBlock` of dy. */
const tiles = (inBlock: number, outBlock: number): Variant<BackwardWeightInputs> => ({
  name: `tiles${inBlock}x${outBlock}`,
  suits: (_, sizes) => isTiled(sizes),
  run: (scope, { x, dy }, sizes) => {
    using scratch = scope.child();
    const { batch, inChannels, outChannels, input, kernel } = sizes;
    const shape = weightShapeOf(sizes);
    const weights = product(shape);
    const segments = batch * input[0] * input[1] * Math.ceil(input[2] / 4);
    const wanted = Math.min(256, Math.max(8, Math.ceil(segments / 128)));
    const splits = Math.min(wanted, segments, Math.max(1, Math.floor(MAX_PARTIALS / weights)));
    const groups = Math.ceil(splits / LANES);
    const blocks = Math.ceil(inChannels / inBlock) * Math.ceil(outChannels / outBlock);
    const partial = scratch.tensor([weights, splits], 'convTranspose3dBackwardWeight.partial');
    scope.dispatch(wgsl.convTranspose3dBackwardWeightTiles, {
      params: { ...convParams(sizes), splits, groups },
      buffers: { x, dy, partial },
      consts: { ...planeConsts(sizes), IN_BLOCK: inBlock, OUT_BLOCK: outBlock },
      overrides: { WORKGROUP_SIZE: LANES },
      flops: convFlops(sizes),
      workgroups: blocks * kernel[0] * groups,
    });
    return sumRows(scope, partial, weights, 1, shape);
  },
});

/** Those without `naive`, for conv3d. */
export const TRANSPOSED_BACKWARD_WEIGHT: readonly Variant<BackwardWeightInputs>[] = [
  tiles(8, 1),
  tiles(4, 1),
  tiles(4, 2),
];

export const CONV_TRANSPOSE3D_BACKWARD_WEIGHT: readonly Variant<BackwardWeightInputs>[] = [
  ...SHARED_TRANSPOSED_BACKWARD_WEIGHT,
  ...BROADCAST_TRANSPOSED_BACKWARD_WEIGHT,
  ...TRANSPOSED_BACKWARD_WEIGHT,
  naive,
];
