/** Launchers of norm, PReLU and residual sum as one op; `reference/instance_norm_prelu.ts` defines it. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, sameShape, showShape } from '../shape.ts';
import { type InstanceStatistics, instanceNormStatistics } from './instance_norm.ts';
import { splitsFor, sumRows, voxelsPerLoad } from './sum.ts';

/** Per thread of the passes that write: enough to pay for looking up a row, few enough to fill a GPU. */
const LOADS = 8;

function check(caller: string, x: Tensor, slope: Tensor, like: Record<string, Tensor | null>) {
  const [batch = 0, channels = 0, ...spatial] = x.shape;
  if (spatial.length === 0 || (slope.size !== 1 && slope.size !== channels)) {
    throw new ShapeError(
      `${caller}: slope needs one value or one per channel. Got slope ${showShape(slope.shape)} for x ${showShape(x.shape)} [N,C,...]. Pass [1] or [C].`,
    );
  }
  for (const [name, tensor] of Object.entries(like)) {
    if (tensor && !sameShape(tensor.shape, x.shape)) {
      throw new ShapeError(
        `${caller}: ${name} has not the shape of x. Got ${showShape(tensor.shape)} for x ${showShape(x.shape)}. Nothing is broadcast; pass equal shapes.`,
      );
    }
  }
  const voxels = product(spatial);
  const perLoad = voxelsPerLoad(voxels);
  const length = voxels / perLoad;
  return { batch, channels, voxels, length, isWide: perLoad > 1, runs: Math.ceil(length / LOADS) };
}

/**
 * y = prelu((x - mean) / sqrt(variance + eps)) + residual, statistics per sample and channel.
 *
 * @param x [N, C, ...]
 * @param slope [1] or [C]
 * @param residual like x, or null for 0
 * @returns y like x, and the statistics for the backward pass; all owned by `scope`
 */
export function instanceNormPreluForward(
  scope: Scope,
  x: Tensor,
  slope: Tensor,
  residual: Tensor | null,
  eps?: number,
): InstanceStatistics & { y: Tensor } {
  const { batch, channels, length, isWide, runs } = check('instanceNormPreluForward', x, slope, {
    residual,
  });
  const { mean, rstd } = instanceNormStatistics(scope, x, eps);
  const y = scope.tensor(x.shape, 'instanceNormPreluForward.y', x.dtype);
  scope.dispatch(isWide ? wgsl.instanceNormPreluForwardVec4 : wgsl.instanceNormPreluForward, {
    params: {
      rows: batch * channels,
      channels,
      length,
      splits: runs,
      slope_count: slope.size,
      has_residual: residual ? 1 : 0,
    },
    buffers: { x, mean, rstd, slope, residual: residual ?? x, y },
    threads: batch * channels * runs,
  });
  return { y, mean, rstd };
}

/**
 * Gradients of `instanceNormPreluForward`; that of the residual is dy itself.
 *
 * @returns dx like x, dslope like slope; owned by `scope`
 */
export function instanceNormPreluBackward(
  scope: Scope,
  x: Tensor,
  { mean, rstd }: InstanceStatistics,
  slope: Tensor,
  dy: Tensor,
): { dx: Tensor; dslope: Tensor } {
  const sizes = check('instanceNormPreluBackward', x, slope, { dy });
  const { batch, channels, voxels, length, isWide, runs } = sizes;
  using scratch = scope.child();
  const splits = splitsFor(voxels);
  const rows = channels * batch;
  const sums = scratch.tensor([2, rows, splits], 'instanceNormPreluBackward.sums');
  const sumDslope = scratch.tensor([rows, splits], 'instanceNormPreluBackward.sumDslope');
  const params = { batch, channels, length, slope_count: slope.size };
  const sum = isWide ? wgsl.instanceNormPreluBackwardSumsVec4 : wgsl.instanceNormPreluBackwardSums;
  scope.dispatch(sum, {
    params: { ...params, splits },
    buffers: { x, mean, rstd, slope, dy, sums, sum_dslope: sumDslope },
    threads: rows * splits,
  });
  const means = sumRows(scratch, sums, 2 * rows, 1 / voxels);
  const dx = scope.tensor(x.shape, 'instanceNormPreluBackward.dx', x.dtype);
  scope.dispatch(isWide ? wgsl.instanceNormPreluBackwardVec4 : wgsl.instanceNormPreluBackward, {
    params: { ...params, splits: runs },
    buffers: { x, mean, rstd, slope, dy, means, dx },
    threads: rows * runs,
  });
  return { dx, dslope: sumRows(scope, sumDslope, slope.size, 1, slope.shape) };
}
