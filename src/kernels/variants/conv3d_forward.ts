/** The kernels of conv3d's forward pass. */
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { convOutputShape, convParams } from '../../shape.ts';
import { adjointSizes, isTiledStrided } from './adjoint.ts';
import { BROADCAST } from './broadcast.ts';
import { convFlops } from './conv_flops.ts';
import { STRIDED } from './conv_transpose3d_backward_input.ts';
import { BLOCKED, type Blocked } from './conv3d_blocked.ts';
import { POINTWISE_FORWARD } from './pointwise.ts';
import { SHARED_FORWARD } from './shared.ts';
import type { ForwardInputs, Variant } from './variant.ts';

const naive: Variant<ForwardInputs> = {
  name: 'naive',
  suits: () => true,
  run: (scope, { x, weight, bias }, sizes) => {
    const y = scope.tensor(convOutputShape(sizes), 'conv3dForward.y', x.dtype);
    scope.dispatch(wgsl.conv3dForwardNaive, {
      params: { ...convParams(sizes), has_bias: bias ? 1 : 0 },
      buffers: { x, weight, bias: bias ?? weight, y },
      flops: convFlops(sizes),
      threads: y.size,
    });
    return y;
  },
};

const blocked = ({ name, suits, run }: Blocked): Variant<ForwardInputs> => ({
  name,
  suits,
  run: (scope, inputs, sizes) =>
    run(scope, { inputs, sizes, mirrored: false, name: 'conv3dForward.y' }),
});

/** A strided convolution is the input gradient of a transposed one. */
const strided = STRIDED.map(
  ({ name, run }): Variant<ForwardInputs> => ({
    name,
    suits: (_, sizes) => isTiledStrided(sizes),
    run: (scope, inputs, sizes) => run(scope, inputs, adjointSizes(sizes), 'conv3dForward.y'),
  }),
);

export const CONV3D_FORWARD: readonly Variant<ForwardInputs>[] = [
  ...SHARED_FORWARD,
  ...POINTWISE_FORWARD,
  ...BROADCAST.map(blocked),
  ...strided,
  ...BLOCKED.map(blocked),
  naive,
];
