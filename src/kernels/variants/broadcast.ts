/**
 * Kernels whose operand that is the same for many threads is loaded once per subgroup, a lane each,
 * and handed around. Where a load costs as much as some dozen multiply-adds, this is what counts.
 */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convOutputShape, convParams } from '../../shape.ts';
import { adjointSizes } from './adjoint.ts';
import { convFlops } from './conv_flops.ts';
import { type Blocked, type Convolution, weightParams } from './conv3d_blocked.ts';
import type { BackwardInputInputs, ForwardInputs, Traits, Variant } from './variant.ts';

/** Threads per workgroup: one vector of the software adapter; enough lanes for the widest block. */
export const LANES = 8;

const isPlane3x3 = ({ kernel, dilation }: ConvSizes): boolean =>
  kernel[1] === 3 && kernel[2] === 3 && dilation.every((step) => step === 1);

/** A plane of 3x3 taps with stride 1 or 2, the same both ways. */
export const isEvenPlane = (sizes: ConvSizes): boolean =>
  isPlane3x3(sizes) && sizes.stride[1] === sizes.stride[2] && sizes.stride[1] <= 2;

export const hasLanes = ({ slowCompiler, subgroupMinSize }: Traits, lanes: number): boolean =>
  !slowCompiler && subgroupMinSize >= lanes;

/** What one thread computes, times 4 columns. */
interface ForwardTile {
  readonly block: 2 | 4 | 8;
  readonly rows: 2 | 4 | 8;
}

const tilesOf = ({ batch, output }: ConvSizes, rows: number): number =>
  batch * output[0] * Math.ceil(output[1] / rows) * Math.ceil(output[2] / 4);

function runForward(scope: Scope, convolution: Convolution, { block, rows }: ForwardTile): Tensor {
  const { inputs, sizes, name } = convolution;
  const { x, weight, bias } = inputs;
  const { outChannels, output, stride } = sizes;
  const y = scope.tensor(convOutputShape(sizes), name, x.dtype);
  const groups = Math.ceil(tilesOf(sizes, rows) / LANES);
  scope.dispatch(wgsl.conv3dForwardBroadcast, {
    params: {
      ...convParams(sizes),
      ...weightParams(convolution),
      has_bias: bias ? 1 : 0,
      groups,
      tiles_h: Math.ceil(output[1] / rows),
      tiles_w: Math.ceil(output[2] / 4),
    },
    buffers: { x, weight, bias: bias ?? weight, y },
    consts: { BLOCK: block, ROWS: rows, STRIDE: stride[1] },
    overrides: { WORKGROUP_SIZE: LANES },
    flops: convFlops(sizes),
    workgroups: Math.ceil(outChannels / block) * groups,
  });
  return y;
}

const forward = (
  name: string,
  tile: ForwardTile,
  suits: (sizes: ConvSizes) => boolean,
): Blocked => ({
  name,
  suits: (traits, sizes) => hasLanes(traits, tile.block) && isEvenPlane(sizes) && suits(sizes),
  run: (scope, convolution) => runForward(scope, convolution, tile),
});

/** So few voxels that tiles of four rows would leave half of the lanes without work. */
const isSmall = (sizes: ConvSizes): boolean => tilesOf(sizes, 4) <= LANES / 2;

/** Of conv3d's forward pass, strided or not, and mirrored of its input gradient. */
export const BROADCAST: readonly Blocked[] = [
  forward(
    'broadcast2x8',
    { block: 8, rows: 2 },
    (sizes) => sizes.outChannels > 4 && (isSmall(sizes) || sizes.stride[1] === 2),
  ),
  forward('broadcast4x8', { block: 8, rows: 4 }, ({ outChannels }) => outChannels > 4),
  forward('broadcast4x4', { block: 4, rows: 4 }, ({ outChannels }) => outChannels > 2),
];

/** Of conv_transpose3d's input gradient, which is a convolution of dy. */
export const BROADCAST_TRANSPOSED_BACKWARD_INPUT = BROADCAST.map(
  ({ name, suits, run }): Variant<BackwardInputInputs> => ({
    name,
    suits: (traits, sizes) => suits(traits, adjointSizes(sizes)),
    run: (scope, { weight, dy }, sizes) =>
      run(scope, {
        inputs: { x: dy, weight, bias: null },
        sizes: adjointSizes(sizes),
        mirrored: false,
        name: 'convTranspose3dBackwardInput.dx',
      }),
  }),
);

/** One thread computes `block` channels x `rows` rows x 8 columns of what a stride of 2 spreads. */
const transposed = (
  { rows, block }: ForwardTile,
  suits: (sizes: ConvSizes) => boolean,
): Variant<ForwardInputs> => ({
  name: `broadcast_parity${rows}x${block}`,
  suits: (traits, sizes) =>
    hasLanes(traits, Math.max(4, block)) &&
    isPlane3x3(sizes) &&
    [1, 2].every((axis) => sizes.stride[axis] === 2 && sizes.padding[axis] === 1) &&
    suits(sizes),
  run: (scope, { x, weight, bias }, sizes) => {
    const { batch, outChannels, output, stride } = sizes;
    const y = scope.tensor(convOutputShape(sizes), 'convTranspose3dForward.y', x.dtype);
    const tilesH = Math.ceil(output[1] / rows);
    const tilesW = Math.ceil(output[2] / 8);
    const groups = Math.ceil((Math.ceil(output[0] / stride[0]) * tilesH * tilesW) / LANES);
    scope.dispatch(wgsl.convTranspose3dForwardBroadcast, {
      params: {
        ...convParams(sizes),
        has_bias: bias ? 1 : 0,
        groups,
        tiles_h: tilesH,
        tiles_w: tilesW,
      },
      buffers: { x, weight, bias: bias ?? weight, y },
      consts: { BLOCK: block, ROWS: rows },
      overrides: { WORKGROUP_SIZE: LANES },
      flops: convFlops(sizes),
      workgroups: batch * Math.ceil(outChannels / block) * stride[0] * groups,
    });
    return y;
  },
});

/** Of conv_transpose3d's forward pass and conv3d's strided input gradient. */
export const BROADCAST_TRANSPOSED: readonly Variant<ForwardInputs>[] = [
  transposed({ rows: 4, block: 8 }, ({ outChannels }) => outChannels > 4),
  transposed({ rows: 4, block: 4 }, ({ outChannels }) => outChannels > 2),
  transposed({ rows: 8, block: 2 }, ({ outChannels }) => outChannels <= 2),
];
