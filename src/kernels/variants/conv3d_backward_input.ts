/** The kernels of conv3d's input gradient. */
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams } from '../../shape.ts';
import { adjointSizes, isTiledStrided } from './adjoint.ts';
import { TRANSPOSED } from './conv_transpose3d_forward.ts';
import { BLOCKED, type Blocked } from './conv3d_blocked.ts';
import type { BackwardInputInputs, Variant } from './variant.ts';

const naive: Variant<BackwardInputInputs> = {
  name: 'naive',
  suits: () => true,
  run: (scope, { weight, dy }, sizes) => {
    const { batch, inChannels, input } = sizes;
    const dx = scope.tensor([batch, inChannels, ...input], 'conv3dBackwardInput.dx');
    scope.dispatch(wgsl.conv3dBackwardInputNaive, {
      params: convParams(sizes),
      buffers: { weight, dy, dx },
      threads: dx.size,
    });
    return dx;
  },
};

/** The convolution of dy with the mirrored kernel that the input gradient is where the stride is 1. */
function mirroredSizes(sizes: ConvSizes): ConvSizes {
  const { kernel, padding, dilation } = sizes;
  const mirrored = (axis: 0 | 1 | 2): number => dilation[axis] * (kernel[axis] - 1) - padding[axis];
  return { ...adjointSizes(sizes), padding: [mirrored(0), mirrored(1), mirrored(2)] };
}

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
const strided = TRANSPOSED.map(
  ({ name, suits, run }): Variant<BackwardInputInputs> => ({
    name,
    suits: (traits, sizes) => isTiledStrided(sizes) && suits(traits, adjointSizes(sizes)),
    run: (scope, { weight, dy }, sizes) =>
      run(scope, { x: dy, weight, bias: null }, adjointSizes(sizes)),
  }),
);

export const CONV3D_BACKWARD_INPUT: readonly Variant<BackwardInputInputs>[] = [
  ...strided,
  ...BLOCKED.map(blocked),
  naive,
];
