/** Register-blocked direct convolutions, for conv3d's forward pass and, mirrored, its input gradient. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convOutputShape, convParams, product } from '../../shape.ts';
import { convFlops } from './conv_flops.ts';
import type { ForwardInputs, Traits } from './variant.ts';

/** Threads per workgroup: lanes of the software adapter's vectors; larger groups gained nothing there. */
const LANES = 8;

/** A 3x3 plane of taps without stride or dilation. */
export const isPlane3x3 = ({ kernel, stride, dilation }: ConvSizes): boolean =>
  kernel[1] === 3 && kernel[2] === 3 && [...stride, ...dilation].every((value) => value === 1);

/** No thread should work on channels that do not exist. */
export const blockFor = (channels: number, most: number): number =>
  channels <= 2 ? Math.min(2, most) : channels <= 4 ? Math.min(4, most) : most;

/** What a kernel computes: a convolution, of which the input gradient is one too. */
export interface Convolution {
  readonly inputs: ForwardInputs;
  readonly sizes: ConvSizes;
  /** The weight is [Cin, Cout, ...] and its taps are read in reverse. */
  readonly mirrored: boolean;
  /** Of the result. */
  readonly name: string;
}

/** Where a kernel that takes both readings of a weight finds it. */
export function weightParams({ sizes, mirrored }: Convolution) {
  const { inChannels, outChannels, kernel } = sizes;
  const taps = product(kernel);
  return {
    weight_out: mirrored ? taps : inChannels * taps,
    weight_in: mirrored ? outChannels * taps : taps,
    tap_first: mirrored ? taps - 1 : 0,
    tap_step: mirrored ? -1 : 1,
  };
}

/** One thread computes `block` channels x `rows` rows x 4 columns; sums stay in registers while they are few. */
function runRows(
  scope: Scope,
  convolution: Convolution,
  tile: { readonly rows: number; readonly block: number },
): Tensor {
  const { inputs, sizes, name } = convolution;
  const { x, weight, bias } = inputs;
  const { batch, outChannels, output } = sizes;
  const block = blockFor(outChannels, tile.block);
  const y = scope.tensor(convOutputShape(sizes), name, x.dtype);
  const tilesW = Math.ceil(output[2] / 4);
  const tilesH = Math.ceil(output[1] / tile.rows);
  const groups = Math.ceil((output[0] * tilesH * tilesW) / LANES);
  scope.dispatch(wgsl.conv3dForwardRows, {
    params: {
      ...convParams(sizes),
      ...weightParams(convolution),
      has_bias: bias ? 1 : 0,
      groups,
      tiles_h: tilesH,
      tiles_w: tilesW,
    },
    buffers: { x, weight, bias: bias ?? weight, y },
    consts: { ROWS: tile.rows, BLOCK: block },
    overrides: { WORKGROUP_SIZE: LANES },
    flops: convFlops(sizes),
    workgroups: batch * Math.ceil(outChannels / block) * groups,
  });
  return y;
}

/** One thread computes 8 channels x 4 columns, for any kernel, stride and dilation. */
function runBlock(scope: Scope, convolution: Convolution): Tensor {
  const { inputs, sizes, name } = convolution;
  const { x, weight, bias } = inputs;
  const { batch, outChannels, output } = sizes;
  const y = scope.tensor(convOutputShape(sizes), name, x.dtype);
  const tilesW = Math.ceil(output[2] / 4);
  const groups = Math.ceil((output[0] * output[1] * tilesW) / LANES);
  scope.dispatch(wgsl.conv3dForwardBlock, {
    params: {
      ...convParams(sizes),
      ...weightParams(convolution),
      has_bias: bias ? 1 : 0,
      groups,
      tiles_w: tilesW,
    },
    buffers: { x, weight, bias: bias ?? weight, y },
    overrides: { WORKGROUP_SIZE: LANES },
    flops: convFlops(sizes),
    workgroups: batch * Math.ceil(outChannels / 8) * groups,
  });
  return y;
}

/** A kernel that both passes have. */
export interface Blocked {
  readonly name: string;
  readonly suits: (traits: Traits, sizes: ConvSizes) => boolean;
  readonly run: (scope: Scope, convolution: Convolution) => Tensor;
}

/** `rows<rows>x<block>`; with fewer channels than `fewest` its tile shrinks to that of another one. */
const rows = (tileRows: number, block: number, fewest = 1): Blocked => ({
  name: `rows${tileRows}x${block}`,
  suits: (_, sizes) => isPlane3x3(sizes) && sizes.outChannels >= fewest,
  run: (scope, convolution) => runRows(scope, convolution, { rows: tileRows, block }),
});

/** In the order of `Variant` lists: the first that suits is the default. */
export const BLOCKED: readonly Blocked[] = [
  rows(4, 4),
  rows(4, 2, 3),
  rows(4, 8, 5),
  rows(8, 4),
  { name: 'block', suits: () => true, run: runBlock },
];
