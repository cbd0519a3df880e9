/** The weight gradient of a convolution with threads along voxels, added up by subgroups, for GPUs and very few channels. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams, product } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { convFlops } from './conv_flops.ts';
import { hasShared, WANTED_WORKGROUPS } from './shared_gemm.ts';
import type { BackwardWeightInputs, Traits } from './variant.ts';

const THREADS = 64;

/** Whether the adapter has subgroups and the kernel computes these sizes. */
export const fitsSubgroupWeight = (traits: Traits, { kernel }: ConvSizes): boolean =>
  traits.subgroups &&
  kernel[1] * kernel[2] <= 9 &&
  hasShared(traits, THREADS, 4 * THREADS * kernel[1] * kernel[2]);

/**
 * dweight of the convolution of `sizes`: any stride, padding and dilation, few taps in the plane.
 *
 * @returns [Cout, Cin, kd, kh, kw], owned by `scope`
 */
export function runSubgroupWeight(
  scope: Scope,
  { x, dy }: BackwardWeightInputs,
  sizes: ConvSizes,
): Tensor {
  using scratch = scope.child();
  const { batch, inChannels, outChannels, output, kernel } = sizes;
  const shape = [outChannels, inChannels, ...kernel];
  const lanesW = output[2] > 16 ? 32 : output[2] > 8 ? 16 : 8;
  const lanesH = THREADS / lanesW;
  const tilesH = Math.ceil(output[1] / lanesH);
  const tilesW = Math.ceil(output[2] / lanesW);
  const groups = inChannels * kernel[0] * Math.ceil(outChannels / 4);
  const tiles = batch * output[0] * tilesH * tilesW;
  const splits = Math.min(tiles, Math.ceil((2 * WANTED_WORKGROUPS) / groups));
  const partial =
    splits === 1
      ? scope.tensor(shape, 'conv3dBackwardWeight.dweight')
      : scratch.tensor([...shape, splits], 'conv3dBackwardWeight.partial');
  scope.dispatch(wgsl.conv3dBackwardWeightSubgroup, {
    params: { ...convParams(sizes), tiles_h: tilesH, tiles_w: tilesW, splits },
    buffers: { x, dy, partial },
    consts: { KERNEL_H: kernel[1], KERNEL_W: kernel[2], LANES_H: lanesH, LANES_W: lanesW },
    overrides: { WORKGROUP_SIZE: THREADS },
    flops: convFlops(sizes),
    workgroups: groups * splits,
  });
  return splits === 1 ? partial : sumRows(scope, partial, product(shape), 1, shape);
}
