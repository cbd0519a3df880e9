/** The weight gradient of a 3x3x3 convolution by columns in workgroup memory, for GPUs and few channels. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams, product } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { convFlops } from './conv_flops.ts';
import { isPlane3x3 } from './conv3d_blocked.ts';
import { hasShared, WANTED_WORKGROUPS } from './shared_gemm.ts';
import type { BackwardWeightInputs, Traits } from './variant.ts';

/** Voxels of a slice. */
const TILE_H = 4;
const TILE_W = 8;
/** Slices of a column that are worth the filling of its ring. */
const FEWEST_SLICES = 4;

/** No lanes for channels that do not exist. */
const tileFor = (channels: number): number => (channels <= 8 ? 8 : 16);

/** Threads and floats of workgroup memory of these sizes. */
function footprint({ inChannels, outChannels, kernel }: ConvSizes) {
  const [tileC, tileO] = [tileFor(inChannels), tileFor(outChannels)];
  const slice = (TILE_H + 2) * (TILE_W + 2) * (tileC + 1);
  return {
    tileC,
    tileO,
    threads: tileC * kernel[0] * (tileO / 4),
    floats: kernel[0] * (Math.floor((slice + 15) / 32) * 32 + 16) + TILE_H * TILE_W * tileO,
  };
}

/** Whether the kernel computes these sizes, and the adapter can hold its columns. */
export function fitsHaloWeight(traits: Traits, sizes: ConvSizes): boolean {
  // With fewer channels most of a warp would work on nothing.
  if (!isPlane3x3(sizes) || sizes.kernel[0] > 3) return false;
  if (Math.min(sizes.inChannels, sizes.outChannels) < 5) return false;
  const { threads, floats } = footprint(sizes);
  return hasShared(traits, threads, floats);
}

/**
 * dweight of the convolution of `sizes`, which `fitsHaloWeight` has accepted.
 *
 * @returns [Cout, Cin, kd, 3, 3], owned by `scope`
 */
export function runSharedHaloWeight(
  scope: Scope,
  { x, dy }: BackwardWeightInputs,
  sizes: ConvSizes,
): Tensor {
  using scratch = scope.child();
  const { batch, inChannels, outChannels, output, kernel } = sizes;
  const { tileC, tileO, threads } = footprint(sizes);
  const shape = [outChannels, inChannels, ...kernel];
  const groups = Math.ceil(inChannels / tileC) * Math.ceil(outChannels / tileO);
  const tilesH = Math.ceil(output[1] / TILE_H);
  const tilesW = Math.ceil(output[2] / TILE_W);
  const wanted = Math.ceil((2 * WANTED_WORKGROUPS) / groups);
  const flat = batch * tilesH * tilesW;
  const deepest = Math.max(1, Math.floor(output[0] / FEWEST_SLICES));
  const segments = Math.min(deepest, Math.ceil(wanted / flat));
  const splits = Math.min(flat * segments, wanted);
  const partial =
    splits === 1
      ? scope.tensor(shape, 'conv3dBackwardWeight.dweight')
      : scratch.tensor([...shape, splits], 'conv3dBackwardWeight.partial');
  scope.dispatch(wgsl.conv3dBackwardWeightSharedHalo, {
    params: { ...convParams(sizes), tiles_h: tilesH, tiles_w: tilesW, segments, splits },
    buffers: { x, dy, partial },
    consts: { KERNEL_D: kernel[0], TILE_C: tileC, TILE_O: tileO, TILE_H, TILE_W },
    overrides: { WORKGROUP_SIZE: threads },
    flops: convFlops(sizes),
    workgroups: groups * splits,
  });
  return splits === 1 ? partial : sumRows(scope, partial, product(shape), 1, shape);
}
