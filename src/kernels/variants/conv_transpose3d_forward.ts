/** The kernels of conv_transpose3d's forward pass; conv3d's strided input gradient is one too. */
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { convOutputShape, convParams } from '../../shape.ts';
import { isTiled, planeConsts } from './adjoint.ts';
import { BROADCAST_TRANSPOSED } from './broadcast.ts';
import { convFlops } from './conv_flops.ts';
import { SHARED_TRANSPOSED_FORWARD } from './shared.ts';
import type { ForwardInputs, Variant } from './variant.ts';

/** Threads per workgroup: a GPU's warp; the software adapter does not mind. */
const LANES = 32;

const naive: Variant<ForwardInputs> = {
  name: 'naive',
  suits: () => true,
  run: (scope, { x, weight, bias }, sizes) => {
    const y = scope.tensor(convOutputShape(sizes), 'convTranspose3dForward.y', x.dtype);
    scope.dispatch(wgsl.convTranspose3dForwardNaive, {
      params: { ...convParams(sizes), has_bias: bias ? 1 : 0 },
      buffers: { x, weight, bias: bias ?? weight, y },
      flops: convFlops(sizes),
      threads: y.size,
    });
    return y;
  },
};

/** `tiles<rows>x<block>`: one thread computes `most` channels x `rows` rows x 4 columns per stride. */
const tiles = (rows: number, most: number, fewest = 1): Variant<ForwardInputs> => ({
  name: `tiles${rows}x${most}`,
  // With fewer channels than `fewest` the block shrinks to that of another variant.
  suits: (_, sizes) => isTiled(sizes) && sizes.outChannels >= fewest,
  run: (scope, { x, weight, bias }, sizes) => {
    const { batch, outChannels, output, stride } = sizes;
    const block = outChannels <= 2 ? 2 : most;
    const tilesH = Math.ceil(output[1] / rows);
    const tilesW = Math.ceil(output[2] / (4 * stride[2]));
    const cells = Math.ceil(output[0] / stride[0]);
    const groups = Math.ceil((cells * tilesH * tilesW) / LANES);
    const y = scope.tensor(convOutputShape(sizes), 'convTranspose3dForward.y', x.dtype);
    scope.dispatch(wgsl.convTranspose3dForwardTiles, {
      params: {
        ...convParams(sizes),
        has_bias: bias ? 1 : 0,
        tiles_h: tilesH,
        tiles_w: tilesW,
        groups,
      },
      buffers: { x, weight, bias: bias ?? weight, y },
      consts: { ...planeConsts(sizes), ROWS: rows, BLOCK: block },
      overrides: { WORKGROUP_SIZE: LANES },
      flops: convFlops(sizes),
      workgroups: batch * Math.ceil(outChannels / block) * stride[0] * groups,
    });
    return y;
  },
});

/** Those without `naive`, for the adjoint pass. */
export const TRANSPOSED: readonly Variant<ForwardInputs>[] = [
  tiles(4, 4),
  tiles(4, 2, 3),
  tiles(4, 8, 5),
  tiles(2, 4, 3),
];

export const CONV_TRANSPOSE3D_FORWARD: readonly Variant<ForwardInputs>[] = [
  ...SHARED_TRANSPOSED_FORWARD,
  ...BROADCAST_TRANSPOSED,
  ...TRANSPOSED,
  naive,
];
