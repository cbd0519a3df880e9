/** The kernels that stage their operands in workgroup memory, as variants of each pass. */
import type { ConvSizes } from '../../shape.ts';
import { adjointSizes, mirroredSizes } from './adjoint.ts';
import {
  convolutionReading,
  fitsGemm,
  type GemmTile,
  isTransposable,
  runSharedGemm,
  transposedReading,
} from './shared_gemm.ts';
import { fitsWeightGemm, runSharedWeightGemm, type WeightTile } from './shared_gemm_weight.ts';
import { fitsHalo, runSharedHalo } from './shared_halo.ts';
import { fitsHaloWeight, runSharedHaloWeight } from './shared_halo_weight.ts';
import { fitsSubgroupWeight, runSubgroupWeight } from './subgroup_weight.ts';
import type {
  BackwardInputInputs,
  BackwardWeightInputs,
  ForwardInputs,
  Traits,
  Variant,
} from './variant.ts';

/** From the fewest to the most output channels; with fewer, most lanes would work on nothing. */
type Range = readonly [number, number];

/** The wider the tile, the more sums an operand serves; too wide, and lanes work on nothing. */
const GEMM_TILES: readonly (GemmTile & { readonly name: string; readonly takes: Range })[] = [
  {
    name: 'shared_gemm64',
    channels: 64,
    channelsPerThread: 8,
    voxels: 128,
    voxelsPerThread: 8,
    depth: 16,
    takes: [33, Infinity],
  },
  {
    name: 'shared_gemm32',
    channels: 32,
    channelsPerThread: 8,
    voxels: 128,
    voxelsPerThread: 4,
    depth: 16,
    takes: [17, Infinity],
  },
  {
    name: 'shared_gemm16',
    channels: 16,
    channelsPerThread: 8,
    voxels: 256,
    voxelsPerThread: 4,
    depth: 8,
    takes: [5, 32],
  },
];

/** One variant per tile, for sizes that `read` turns into those of the convolution that runs. */
function gemms<Inputs>(
  convolution: (sizes: ConvSizes) => ConvSizes,
  run: (
    ...args: [...Parameters<Variant<Inputs>['run']>, GemmTile]
  ) => ReturnType<Variant<Inputs>['run']>,
  takes: (sizes: ConvSizes) => boolean = () => true,
): Variant<Inputs>[] {
  return GEMM_TILES.map((tile) => ({
    name: tile.name,
    suits: (traits: Traits, sizes: ConvSizes) => {
      const { outChannels } = convolution(sizes);
      const [fewest, most] = tile.takes;
      return takes(sizes) && outChannels >= fewest && outChannels <= most && fitsGemm(traits, tile);
    },
    run: (scope, inputs, sizes) => run(scope, inputs, sizes, tile),
  }));
}

const same = (sizes: ConvSizes): ConvSizes => sizes;

/** Of conv3d's forward pass, as a product of matrices. */
const forwardGemms = gemms<ForwardInputs>(same, (scope, inputs, sizes, tile) =>
  runSharedGemm(scope, inputs, sizes, {
    reading: convolutionReading(sizes),
    tile,
    name: 'conv3dForward.y',
  }),
);

/** Of conv3d's input gradient, as a product of matrices. */
const backwardInputGemms = gemms<BackwardInputInputs>(
  adjointSizes,
  (scope, { weight, dy }, sizes, tile) =>
    runSharedGemm(scope, { x: dy, weight, bias: null }, adjointSizes(sizes), {
      reading: transposedReading(sizes),
      tile,
      name: 'conv3dBackwardInput.dx',
    }),
  isTransposable,
);

/** Output channels per thread of the direct kernel. */
const HALOS = [
  { name: 'shared_halo16', most: 16, fewest: 9 },
  { name: 'shared_halo8', most: 8, fewest: 1 },
];

const forwardHalos = HALOS.map(
  ({ name, most, fewest }): Variant<ForwardInputs> => ({
    name,
    // With fewer channels than `fewest` the block shrinks to that of the other one.
    suits: (traits, sizes) => sizes.outChannels >= fewest && fitsHalo(traits, sizes, most),
    run: (scope, inputs, sizes) =>
      runSharedHalo(scope, inputs, sizes, { mirrored: false, most, name: 'conv3dForward.y' }),
  }),
);

const backwardInputHalos = HALOS.map(
  ({ name, most, fewest }): Variant<BackwardInputInputs> => ({
    name,
    suits: (traits, sizes) =>
      sizes.inChannels >= fewest && fitsHalo(traits, mirroredSizes(sizes), most),
    run: (scope, { weight, dy }, sizes) =>
      runSharedHalo(scope, { x: dy, weight, bias: null }, mirroredSizes(sizes), {
        mirrored: true,
        most,
        name: 'conv3dBackwardInput.dx',
      }),
  }),
);

/** Of conv3d's forward pass. */
export const SHARED_FORWARD = [...forwardHalos, ...forwardGemms];

/** Of conv3d's input gradient. */
export const SHARED_BACKWARD_INPUT = [...backwardInputHalos, ...backwardInputGemms];

/** Of conv_transpose3d's forward pass. */
export const SHARED_TRANSPOSED_FORWARD = gemms<ForwardInputs>(same, (scope, inputs, sizes, tile) =>
  runSharedGemm(scope, inputs, sizes, {
    reading: transposedReading(sizes),
    tile,
    name: 'convTranspose3dForward.y',
  }),
);

/** Of conv_transpose3d's input gradient. */
export const SHARED_TRANSPOSED_BACKWARD_INPUT = gemms<BackwardInputInputs>(
  adjointSizes,
  (scope, { weight, dy }, sizes, tile) =>
    runSharedGemm(scope, { x: dy, weight, bias: null }, adjointSizes(sizes), {
      reading: convolutionReading(sizes),
      tile,
      name: 'convTranspose3dBackwardInput.dx',
    }),
);

/** With fewer channels than these most lanes would work on nothing. */
const WEIGHT_TILES: readonly (WeightTile & {
  readonly name: string;
  readonly fewestOut: number;
  readonly fewestIn: number;
})[] = [
  { name: 'shared_gemm64', out: 64, in: 64, perThread: 8, fewestOut: 33, fewestIn: 33 },
  { name: 'shared_gemm64x16', out: 64, in: 16, perThread: 4, fewestOut: 33, fewestIn: 5 },
  { name: 'shared_gemm32', out: 32, in: 32, perThread: 4, fewestOut: 8, fewestIn: 8 },
];

/** The weight gradient of a convolution, of which each op has its own name for the tensors and sizes. */
interface Renaming {
  readonly sizes: (sizes: ConvSizes) => ConvSizes;
  readonly inputs: (inputs: BackwardWeightInputs) => BackwardWeightInputs;
}

const weightGradients = (renaming: Renaming): readonly Variant<BackwardWeightInputs>[] => {
  const products = WEIGHT_TILES.map(
    (tile): Variant<BackwardWeightInputs> => ({
      name: tile.name,
      suits: (traits, { inChannels, outChannels }) =>
        outChannels >= tile.fewestOut &&
        inChannels >= tile.fewestIn &&
        fitsWeightGemm(traits, tile),
      run: (scope, inputs, sizes) => runSharedWeightGemm(scope, inputs, sizes, tile),
    }),
  );
  return [
    { name: 'shared_halo', suits: fitsHaloWeight, run: runSharedHaloWeight },
    ...products,
    { name: 'subgroup', suits: fitsSubgroupWeight, run: runSubgroupWeight },
  ].map(({ name, suits, run }) => ({
    name,
    suits: (traits, sizes) => suits(traits, renaming.sizes(sizes)),
    run: (scope, inputs, sizes) => run(scope, renaming.inputs(inputs), renaming.sizes(sizes)),
  }));
};

/** Of conv3d's weight gradient. */
export const SHARED_BACKWARD_WEIGHT = weightGradients({
  sizes: same,
  inputs: (inputs) => inputs,
});

/** Of conv_transpose3d's weight gradient: that of the convolution that reads dy and writes x. */
export const SHARED_TRANSPOSED_BACKWARD_WEIGHT = weightGradients({
  sizes: adjointSizes,
  inputs: ({ x, dy }) => ({ x: dy, dy: x }),
});
