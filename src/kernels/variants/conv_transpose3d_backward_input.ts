/** The kernels of conv_transpose3d's input gradient; conv3d's strided forward pass is one too. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convParams } from '../../shape.ts';
import { isTiled, planeConsts } from './adjoint.ts';
import { BROADCAST_TRANSPOSED_BACKWARD_INPUT } from './broadcast.ts';
import { convFlops } from './conv_flops.ts';
import { SHARED_TRANSPOSED_BACKWARD_INPUT } from './shared.ts';
import type { BackwardInputInputs, ForwardInputs, Variant } from './variant.ts';

/** Threads per workgroup: a GPU's warp; the software adapter does not mind. */
const LANES = 32;

const naive: Variant<BackwardInputInputs> = {
  name: 'naive',
  suits: () => true,
  run: (scope, { weight, dy }, sizes) => {
    const { batch, inChannels, input } = sizes;
    const dx = scope.tensor(
      [batch, inChannels, ...input],
      'convTranspose3dBackwardInput.dx',
      dy.dtype,
    );
    scope.dispatch(wgsl.convTranspose3dBackwardInputNaive, {
      params: convParams(sizes),
      buffers: { weight, dy, dx },
      flops: convFlops(sizes),
      threads: dx.size,
    });
    return dx;
  },
};

/** A strided convolution by a tiled kernel, as the input gradient of the transposed one. */
export interface Strided {
  readonly name: string;
  readonly suits: Variant<ForwardInputs>['suits'];
  /**
   * @param inputs x is what is read, [N, Cout, D', H', W']; the bias is [Cin] or null
   * @param sizes of the transposed convolution
   * @param result its name
   */
  readonly run: (scope: Scope, inputs: ForwardInputs, sizes: ConvSizes, result: string) => Tensor;
}

/** `tiles<rows>x<block>`: one thread computes `block` channels x `rows` rows x 4 columns. */
const tiles = (rows: number, block: number, fewest = 1): Strided => ({
  name: `tiles${rows}x${block}`,
  suits: (_, sizes) => isTiled(sizes) && sizes.inChannels >= fewest,
  run: (scope, { x: dy, weight, bias }, sizes, result) => {
    const { batch, inChannels, input } = sizes;
    const tilesH = Math.ceil(input[1] / rows);
    const tilesW = Math.ceil(input[2] / 4);
    const groups = Math.ceil((input[0] * tilesH * tilesW) / LANES);
    const dx = scope.tensor([batch, inChannels, ...input], result, dy.dtype);
    scope.dispatch(wgsl.convTranspose3dBackwardInputTiles, {
      params: {
        ...convParams(sizes),
        has_bias: bias ? 1 : 0,
        tiles_h: tilesH,
        tiles_w: tilesW,
        groups,
      },
      buffers: { weight, dy, bias: bias ?? weight, dx },
      consts: { ...planeConsts(sizes), ROWS: rows, BLOCK: block },
      overrides: { WORKGROUP_SIZE: LANES },
      flops: convFlops(sizes),
      workgroups: batch * Math.ceil(inChannels / block) * groups,
    });
    return dx;
  },
});

export const STRIDED: readonly Strided[] = [tiles(2, 8), tiles(2, 4), tiles(4, 4), tiles(1, 8)];

const transposed = ({ name, suits, run }: Strided): Variant<BackwardInputInputs> => ({
  name,
  suits,
  run: (scope, { weight, dy }, sizes) =>
    run(scope, { x: dy, weight, bias: null }, sizes, 'convTranspose3dBackwardInput.dx'),
});

export const CONV_TRANSPOSE3D_BACKWARD_INPUT: readonly Variant<BackwardInputInputs>[] = [
  ...SHARED_TRANSPOSED_BACKWARD_INPUT,
  ...BROADCAST_TRANSPOSED_BACKWARD_INPUT,
  ...STRIDED.map(transposed),
  naive,
];
