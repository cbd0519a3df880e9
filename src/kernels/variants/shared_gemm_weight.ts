/** The weight gradient of a convolution as products of matrices in workgroup memory, for GPUs. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams, product } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { convFlops } from './conv_flops.ts';
import { hasShared, WANTED_WORKGROUPS } from './shared_gemm.ts';
import type { BackwardWeightInputs, Traits } from './variant.ts';

/** Voxels of a chunk. */
const DEPTH = 16;
/** A part of the voxels should be worth the setting-up of its workgroup. */
const FEWEST_CHUNKS = 8;

/** Output and input channels of a workgroup, and those of one of its threads. */
export interface WeightTile {
  readonly out: number;
  readonly in: number;
  readonly perThread: number;
}

const threadsOf = (tile: WeightTile): number =>
  (tile.out / tile.perThread) * (tile.in / tile.perThread);

/** Whether the adapter can hold `tile`. */
export const fitsWeightGemm = (traits: Traits, tile: WeightTile): boolean =>
  hasShared(traits, threadsOf(tile), DEPTH * (tile.out + tile.in + 8));

/**
 * dweight of the convolution of `sizes`: any kernel, stride, padding and dilation.
 *
 * @returns [Cout, Cin, kd, kh, kw], owned by `scope`
 */
export function runSharedWeightGemm(
  scope: Scope,
  { x, dy }: BackwardWeightInputs,
  sizes: ConvSizes,
  tile: WeightTile,
): Tensor {
  using scratch = scope.child();
  const { batch, inChannels, outChannels, output, kernel } = sizes;
  const shape = [outChannels, inChannels, ...kernel];
  const tiles = Math.ceil(inChannels / tile.in) * Math.ceil(outChannels / tile.out);
  const groups = tiles * product(kernel);
  const chunks = Math.ceil((batch * product(output)) / DEPTH);
  // Its workgroups are half as large as those of the forward pass.
  const wanted = Math.ceil((2 * WANTED_WORKGROUPS) / groups);
  const splits = Math.max(1, Math.min(wanted, Math.floor(chunks / FEWEST_CHUNKS)));
  const partial =
    splits === 1
      ? scope.tensor(shape, 'conv3dBackwardWeight.dweight')
      : scratch.tensor([...shape, splits], 'conv3dBackwardWeight.partial');
  scope.dispatch(wgsl.conv3dBackwardWeightSharedGemm, {
    params: { ...convParams(sizes), splits },
    buffers: { x, dy, partial },
    consts: { TILE_O: tile.out, TILE_C: tile.in, PER: tile.perThread, TILE_K: DEPTH },
    overrides: { WORKGROUP_SIZE: threadsOf(tile) },
    flops: convFlops(sizes),
    workgroups: groups * splits,
  });
  return splits === 1 ? partial : sumRows(scope, partial, product(shape), 1, shape);
}
