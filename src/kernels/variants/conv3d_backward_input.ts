/** The kernels of conv3d's input gradient. */
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams } from '../../shape.ts';
import { adjointSizes, isTiledStrided, mirroredSizes } from './adjoint.ts';
import { BROADCAST, BROADCAST_TRANSPOSED } from './broadcast.ts';
import { convFlops } from './conv_flops.ts';
import { TRANSPOSED } from './conv_transpose3d_forward.ts';
import { BLOCKED, type Blocked } from './conv3d_blocked.ts';
import { POINTWISE_BACKWARD_INPUT } from './pointwise.ts';
import { SHARED_BACKWARD_INPUT } from './shared.ts';
import type { BackwardInputInputs, Variant } from './variant.ts';

const naive: Variant<BackwardInputInputs> = {
  name: 'naive',
  suits: () => true,
  run: (scope, { weight, dy }, sizes) => {
    const { batch, inChannels, input } = sizes;
    const dx = scope.tensor([batch, inChannels, ...input], 'conv3dBackwardInput.dx', dy.dtype);
    scope.dispatch(wgsl.conv3dBackwardInputNaive, {
      params: convParams(sizes),
      buffers: { weight, dy, dx },
      flops: convFlops(sizes),
      threads: dx.size,
    });
    return dx;
  },
};

const isConvolution = (sizes: ConvSizes): boolean =>
  sizes.stride.every((step) => step === 1) &&
  mirroredSizes(sizes).padding.every((voxels) => voxels >= 0);

const blocked = ({ name, suits, run }: Blocked): Variant<BackwardInputInputs> => ({
  name,
  suits: (traits, sizes) => isConvolution(sizes) && suits(traits, mirroredSizes(sizes)),
  run: (scope, { weight, dy }, sizes) =>
    run(scope, {
      inputs: { x: dy, weight, bias: null },
      sizes: mirroredSizes(sizes),
      mirrored: true,
      name: 'conv3dBackwardInput.dx',
    }),
});

/** The input gradient of a strided convolution is the transposed convolution of dy. */
const strided = [...BROADCAST_TRANSPOSED, ...TRANSPOSED].map(
  ({ name, suits, run }): Variant<BackwardInputInputs> => ({
    name,
    suits: (traits, sizes) => isTiledStrided(sizes) && suits(traits, adjointSizes(sizes)),
    run: (scope, { weight, dy }, sizes) =>
      run(scope, { x: dy, weight, bias: null }, adjointSizes(sizes)),
  }),
);

export const CONV3D_BACKWARD_INPUT: readonly Variant<BackwardInputInputs>[] = [
  ...SHARED_BACKWARD_INPUT,
  ...POINTWISE_BACKWARD_INPUT,
  ...strided,
  ...[...BROADCAST, ...BLOCKED].map(blocked),
  naive,
];
