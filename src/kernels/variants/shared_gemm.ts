/**
 * Convolutions and transposed ones as products of matrices in workgroup memory, for GPUs: one kernel
 * for conv3d's forward pass and input gradient and for both of conv_transpose3d.
 */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convOutputShape, convParams, product, type Triple } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { convFlops } from './conv_flops.ts';
import type { ForwardInputs, Traits } from './variant.ts';

/** Workgroups that keep a GPU busy; with fewer the sums over input channels are split. */
export const WANTED_WORKGROUPS = 256;
/** More parts would cost more in the second pass than they gain. */
const MAX_SPLITS = 16;

/** Where a convolution reads x, in the words of `conv3d_forward_shared_gemm.wgsl`. */
export interface Reading {
  readonly phases: Triple;
  readonly step: Triple;
  readonly tapStep: Triple;
  readonly ahead: Triple;
  readonly behind: Triple;
  /** The weight is [Cin, Cout, ...], by the channels of what is read and written. */
  readonly inFirst: boolean;
}

const ones: Triple = [1, 1, 1];
const zeros: Triple = [0, 0, 0];
const negated = (value: number): number => -value;

/** A convolution: any stride, padding and dilation. */
export const convolutionReading = ({ stride, padding, dilation }: ConvSizes): Reading => ({
  phases: ones,
  step: stride,
  tapStep: dilation,
  ahead: zeros,
  behind: padding,
  inFirst: false,
});

/** A transposed convolution: stride or dilation 1 on each axis. */
export const transposedReading = ({ stride, padding, dilation }: ConvSizes): Reading => ({
  phases: stride,
  step: ones,
  tapStep: [negated(dilation[0]), negated(dilation[1]), negated(dilation[2])],
  ahead: padding,
  behind: zeros,
  inFirst: true,
});

/** Whether `transposedReading` can say what these sizes read. */
export const isTransposable = ({ stride, dilation }: ConvSizes): boolean =>
  stride.every((step, axis) => step === 1 || dilation[axis] === 1);

const axes = <Name extends string>(name: Name, [d, h, w]: Triple) =>
  ({ [`${name}_d`]: d, [`${name}_h`]: h, [`${name}_w`]: w }) as Record<
    `${Name}_${'d' | 'h' | 'w'}`,
    number
  >;

/** The weight as [taps, Cin, Cout rounded up to 4], owned by `scope`. */
export function packWeight(
  scope: Scope,
  weight: Tensor,
  { inChannels, outChannels, kernel }: ConvSizes,
  order: { readonly inFirst: boolean; readonly mirrored: boolean },
): Tensor {
  const taps = product(kernel);
  const quads = Math.ceil(outChannels / 4);
  const packed = scope.tensor([taps, inChannels, 4 * quads], 'packWeight.packed');
  scope.dispatch(wgsl.conv3dWeightPackShared, {
    params: {
      in_channels: inChannels,
      out_channels: outChannels,
      taps,
      quads,
      weight_out: order.inFirst ? taps : inChannels * taps,
      weight_in: order.inFirst ? outChannels * taps : taps,
      mirrored: order.mirrored ? 1 : 0,
    },
    buffers: { weight, packed },
    threads: packed.size,
  });
  return packed;
}

/** Output channels x voxels of a workgroup and of one of its threads, and the input channels of a chunk. */
export interface GemmTile {
  readonly channels: number;
  readonly channelsPerThread: number;
  readonly voxels: number;
  readonly voxelsPerThread: number;
  readonly depth: number;
}

const threadsOf = (tile: GemmTile): number =>
  (tile.channels / tile.channelsPerThread) * (tile.voxels / tile.voxelsPerThread);

/** No chunk should hold channels that do not exist. */
const depthFor = (inChannels: number, most: number): number =>
  Math.min(most, inChannels <= 4 ? 4 : inChannels <= 8 ? 8 : 16);

/** Whether the adapter has workgroup memory that pays, and as many threads and bytes of it as asked. */
export const hasShared = (traits: Traits, threads: number, floats: number): boolean =>
  !traits.software && traits.workgroupThreads >= threads && traits.workgroupBytes >= 4 * floats;

/** Whether the adapter can hold `tile`. */
export const fitsGemm = (traits: Traits, tile: GemmTile): boolean =>
  hasShared(traits, threadsOf(tile), tile.depth * (tile.voxels + tile.channels));

/** Parts that the sums of an output of `groups` workgroups and `chunks` steps are split into. */
export const splitsToFill = (groups: number, chunks: number): number =>
  Math.max(1, Math.min(MAX_SPLITS, Math.floor(chunks / 4), Math.ceil(WANTED_WORKGROUPS / groups)));

/**
 * The convolution of `sizes` that reads x as `reading` says.
 *
 * @param sizes outChannels and output are those of the result
 * @returns [N, Cout, D', H', W'], owned by `scope`
 */
export function runSharedGemm(
  scope: Scope,
  { x, weight, bias }: ForwardInputs,
  sizes: ConvSizes,
  options: { readonly reading: Reading; readonly tile: GemmTile; readonly name: string },
): Tensor {
  using scratch = scope.child();
  const { reading, tile, name } = options;
  const { batch, inChannels, outChannels, output, kernel } = sizes;
  const { phases } = reading;
  const depth = depthFor(inChannels, tile.depth);
  const packed = packWeight(scratch, weight, sizes, { inFirst: reading.inFirst, mirrored: false });
  const cells = product(output.map((size, axis) => Math.ceil(size / phases[axis]!)));
  const tilesV = Math.ceil((batch * cells) / tile.voxels);
  const groups = product(phases) * Math.ceil(outChannels / tile.channels) * tilesV;
  const chunks = Math.floor((product(kernel) * Math.ceil(inChannels / depth)) / product(phases));
  // Parts are sums in f32: they cannot share the binding of a result in half precision.
  const splits = x.dtype === 'f32' ? splitsToFill(groups, chunks) : 1;
  const shape = convOutputShape(sizes);
  const y =
    splits === 1
      ? scope.tensor(shape, name, x.dtype)
      : scratch.tensor([...shape, splits], `${name}.partial`);
  scope.dispatch(wgsl.conv3dForwardSharedGemm, {
    params: {
      ...convParams(sizes),
      ...axes('phases', phases),
      ...axes('step', reading.step),
      ...axes('tap', reading.tapStep),
      ...axes('ahead', reading.ahead),
      ...axes('behind', reading.behind),
      has_bias: bias ? 1 : 0,
      tiles_v: tilesV,
      splits,
    },
    buffers: { x, packed, bias: bias ?? weight, y },
    consts: {
      TILE_O: tile.channels,
      PER_O: tile.channelsPerThread,
      TILE_V: tile.voxels,
      PER_V: tile.voxelsPerThread,
      TILE_K: depth,
    },
    overrides: { WORKGROUP_SIZE: threadsOf(tile) },
    flops: convFlops(sizes),
    workgroups: groups * splits,
  });
  return splits === 1 ? y : sumRows(scope, y, product(shape), 1, shape);
}
