/** Instance normalisation launchers; the meaning is in `reference/instance_norm.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, sameShape, showShape } from '../shape.ts';
import { splitsFor, sumRows, voxelsPerLoad } from './sum.ts';

/** Of the passes that write: enough to pay for looking up a row, few enough to fill a GPU. */
const VOXELS_PER_THREAD = 16;

interface Sizes {
  readonly batch: number;
  readonly channels: number;
  readonly voxels: number;
  readonly splits: number;
}

function check(caller: string, x: Tensor, perChannel: Record<string, Tensor | null>): Sizes {
  const [batch, channels, ...spatial] = x.shape;
  if (batch === undefined || channels === undefined || spatial.length === 0) {
    throw new ShapeError(
      `${caller}: x needs a batch, a channel and at least one spatial axis. Got ${showShape(x.shape)}. Pass [N,C,...].`,
    );
  }
  for (const [name, tensor] of Object.entries(perChannel)) {
    if (tensor && tensor.size !== channels) {
      throw new ShapeError(
        `${caller}: ${name} needs one value per channel. Got ${showShape(tensor.shape)} for x ${showShape(x.shape)} [N,C,...]. Pass [C].`,
      );
    }
  }
  const voxels = product(spatial);
  return { batch, channels, voxels, splits: splitsFor(voxels) };
}

/** Mean and 1 / sqrt(variance + eps) of every sample and channel. */
export interface InstanceStatistics {
  /** [N, C] */
  readonly mean: Tensor;
  /** [N, C] */
  readonly rstd: Tensor;
}

/**
 * @param x [N, C, ...]
 * @returns owned by `scope`
 */
export function instanceNormStatistics(scope: Scope, x: Tensor, eps = 1e-5): InstanceStatistics {
  const { batch, channels, voxels, splits } = check('instanceNormStatistics', x, {});
  using scratch = scope.child();
  const rows = batch * channels;
  const perLoad = voxelsPerLoad(voxels);
  const centre = scratch.tensor([rows, splits], 'instanceNormStatistics.centre');
  const spread = scratch.tensor([rows, splits], 'instanceNormStatistics.spread');
  scope.dispatch(perLoad === 4 ? wgsl.instanceNormStatisticsVec4 : wgsl.instanceNormStatistics, {
    params: { rows, length: voxels / perLoad, splits },
    buffers: { x, centre, spread },
    threads: rows * splits,
  });
  const mean = scope.tensor([batch, channels], 'instanceNormStatistics.mean');
  const rstd = scope.tensor([batch, channels], 'instanceNormStatistics.rstd');
  const merge = {
    params: { rows, voxels, splits, per_load: perLoad, eps },
    buffers: { centre, spread, mean, rstd },
  };
  if (splits <= 32) scope.dispatch(wgsl.instanceNormMergeShort, { ...merge, threads: rows });
  else scope.dispatch(wgsl.instanceNormMerge, { ...merge, workgroups: rows });
  return { mean, rstd };
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, statistics per sample and channel.
 *
 * @param x [N, C, ...]
 * @param weight [C], or null for 1
 * @param bias [C], or null for 0
 * @returns y like x, mean and rstd [N, C] for the backward pass; all owned by `scope`
 */
export function instanceNormForward(
  scope: Scope,
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  eps = 1e-5,
): InstanceStatistics & { y: Tensor } {
  const { batch, channels, voxels } = check('instanceNormForward', x, { weight, bias });
  const rows = batch * channels;
  const { mean, rstd } = instanceNormStatistics(scope, x, eps);
  const y = scope.tensor(x.shape, 'instanceNormForward.y', x.dtype);
  const runs = Math.ceil(voxels / VOXELS_PER_THREAD);
  scope.dispatch(wgsl.instanceNormForward, {
    params: {
      rows,
      channels,
      voxels,
      splits: runs,
      has_weight: weight ? 1 : 0,
      has_bias: bias ? 1 : 0,
    },
    buffers: { x, mean, rstd, weight: weight ?? mean, bias: bias ?? mean, y },
    threads: rows * runs,
  });
  return { y, mean, rstd };
}

/**
 * Gradients of `instanceNormForward`.
 *
 * @param x [N, C, ...]
 * @param mean, rstd what the forward pass returned
 * @param dy like x
 * @param affine whether dweight and dbias are wanted
 * @returns dx like x; dweight and dbias [C] or null; all owned by `scope`
 */
export function instanceNormBackward(
  scope: Scope,
  x: Tensor,
  { mean, rstd }: InstanceStatistics,
  weight: Tensor | null,
  dy: Tensor,
  affine = weight !== null,
): { dx: Tensor; dweight: Tensor | null; dbias: Tensor | null } {
  const { batch, channels, voxels, splits } = check('instanceNormBackward', x, { weight });
  if (!sameShape(x.shape, dy.shape)) {
    throw new ShapeError(
      `instanceNormBackward: dy has not the shape of x. Got dy ${showShape(dy.shape)} for x ${showShape(x.shape)}. Pass the gradient of this op's result.`,
    );
  }
  using scratch = scope.child();
  const sumDy = scratch.tensor([channels, batch, splits], 'instanceNormBackward.sumDy');
  const sumDyx = scratch.tensor([channels, batch, splits], 'instanceNormBackward.sumDyx');
  scope.dispatch(wgsl.instanceNormBackwardSums, {
    params: { batch, channels, voxels, splits },
    buffers: { x, mean, rstd, dy, sum_dy: sumDy, sum_dyx: sumDyx },
    threads: batch * channels * splits,
  });
  const meanDy = sumRows(scratch, sumDy, channels * batch, 1 / voxels);
  const meanDyx = sumRows(scratch, sumDyx, channels * batch, 1 / voxels);
  const dx = scope.tensor(x.shape, 'instanceNormBackward.dx', x.dtype);
  const runs = Math.ceil(voxels / VOXELS_PER_THREAD);
  scope.dispatch(wgsl.instanceNormBackward, {
    params: { batch, channels, voxels, splits: runs, has_weight: weight ? 1 : 0 },
    buffers: {
      x,
      mean,
      rstd,
      weight: weight ?? mean,
      dy,
      mean_dy: meanDy,
      mean_dyx: meanDyx,
      dx,
    },
    threads: batch * channels * runs,
  });
  return {
    dx,
    dweight: affine ? sumRows(scope, sumDyx, channels) : null,
    dbias: affine ? sumRows(scope, sumDy, channels) : null,
  };
}
