/** Convolutions with a 1x1x1 kernel, register-blocked, as variants of conv3d's passes. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convOutputShape, product } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { adjointSizes } from './adjoint.ts';
import { convFlops } from './conv_flops.ts';
import type {
  BackwardInputInputs,
  BackwardWeightInputs,
  ForwardInputs,
  Variant,
} from './variant.ts';

/** Threads per workgroup: lanes of the software adapter's vectors. */
const LANES = 8;
/** Input channels that a thread loads at once. */
const CHUNK = 8;
/** Threads that the weight gradient is split into at least. */
const SPLIT_THREADS = 512;

const isPointwise = ({ kernel, stride, padding }: ConvSizes): boolean =>
  product(kernel) === 1 &&
  stride.every((step) => step === 1) &&
  padding.every((voxels) => voxels === 0);

/** Output channels and voxels, in fours, of a thread. */
interface Tile {
  readonly name: string;
  readonly block: number;
  readonly columns: number;
}

const TILES: readonly Tile[] = [
  { name: 'pointwise2x16', block: 16, columns: 2 },
  { name: 'pointwise1x32', block: 32, columns: 1 },
];

function run(
  scope: Scope,
  { x, weight, bias }: ForwardInputs,
  sizes: ConvSizes,
  options: { readonly tile: Tile; readonly swapped: boolean; readonly name: string },
): Tensor {
  const { tile, swapped, name } = options;
  const { batch, inChannels, outChannels, output } = sizes;
  const voxels = product(output);
  const groups = Math.ceil(voxels / (4 * tile.columns * LANES));
  const y = scope.tensor(convOutputShape(sizes), name, x.dtype);
  scope.dispatch(wgsl.conv3dForwardPointwise, {
    params: {
      batch,
      in_channels: inChannels,
      out_channels: outChannels,
      voxels,
      has_bias: bias ? 1 : 0,
      weight_out: swapped ? 1 : inChannels,
      weight_in: swapped ? outChannels : 1,
      groups,
    },
    buffers: { x, weight, bias: bias ?? weight, y },
    consts: { COLUMNS: tile.columns, BLOCK: tile.block, CHUNK },
    overrides: { WORKGROUP_SIZE: LANES },
    flops: convFlops(sizes),
    workgroups: batch * Math.ceil(outChannels / tile.block) * groups,
  });
  return y;
}

/** Of conv3d's forward pass. */
export const POINTWISE_FORWARD = TILES.map(
  (tile): Variant<ForwardInputs> => ({
    name: tile.name,
    suits: (_, sizes) => isPointwise(sizes),
    run: (scope, inputs, sizes) =>
      run(scope, inputs, sizes, { tile, swapped: false, name: 'conv3dForward.y' }),
  }),
);

/** Of conv3d's input gradient. */
export const POINTWISE_BACKWARD_INPUT = TILES.map(
  (tile): Variant<BackwardInputInputs> => ({
    name: tile.name,
    suits: (_, sizes) => isPointwise(sizes),
    run: (scope, { weight, dy }, sizes) =>
      run(scope, { x: dy, weight, bias: null }, adjointSizes(sizes), {
        tile,
        swapped: true,
        name: 'conv3dBackwardInput.dx',
      }),
  }),
);

function runWeight(
  scope: Scope,
  { x, dy }: BackwardWeightInputs,
  sizes: ConvSizes,
  tile: { readonly block: number; readonly per: number },
): Tensor {
  using scratch = scope.child();
  const { batch, inChannels, outChannels, output, kernel } = sizes;
  const shape = [outChannels, inChannels, ...kernel];
  const voxels = product(output);
  const groups = Math.ceil(inChannels / (tile.per * LANES)) * Math.ceil(outChannels / tile.block);
  const tiles = batch * Math.ceil(voxels / 8);
  const splits = Math.min(tiles, Math.ceil(SPLIT_THREADS / (LANES * groups)));
  const partial =
    splits === 1
      ? scope.tensor(shape, 'conv3dBackwardWeight.dweight')
      : scratch.tensor([...shape, splits], 'conv3dBackwardWeight.partial');
  scope.dispatch(wgsl.conv3dBackwardWeightPointwise, {
    params: { batch, in_channels: inChannels, out_channels: outChannels, voxels, splits },
    buffers: { x, dy, partial },
    consts: { BLOCK: tile.block, PER: tile.per },
    overrides: { WORKGROUP_SIZE: LANES },
    flops: convFlops(sizes),
    workgroups: groups * splits,
  });
  return splits === 1 ? partial : sumRows(scope, partial, product(shape), 1, shape);
}

/** Of conv3d's weight gradient. */
export const POINTWISE_BACKWARD_WEIGHT = [
  { name: 'pointwise16x2', block: 16, per: 2 },
  { name: 'pointwise32x2', block: 32, per: 2 },
].map(
  (tile): Variant<BackwardWeightInputs> => ({
    name: tile.name,
    suits: (_, sizes) => isPointwise(sizes),
    run: (scope, inputs, sizes) => runWeight(scope, inputs, sizes, tile),
  }),
);
