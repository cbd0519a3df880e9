/** Clipping by the norm of all gradients; the meaning is in `reference/clip_gradients.ts`. */
import { ConfigError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { splitsFor, sumRows } from './sum.ts';

const ELEMENTS_PER_THREAD = 8;

export interface ClipOptions {
  /** Of all gradients together, above 0. */
  readonly maxNorm: number;
  /** By which the gradients are too large. Default 1. */
  readonly lossScale?: number;
}

/**
 * Scales all gradients by one factor, so that their L2 norm together is at most `maxNorm`. In place;
 * a smaller norm leaves every bit as it is. A gradient that is not finite makes others NaN or 0.
 *
 * @param gradients one or more, of f32
 * @returns [1], the squared norm before, without the loss scale; owned by `scope`
 * @throws ConfigError for a norm that is not above 0
 * @see torch.nn.utils.clip_grad_norm_
 */
export function clipGradients(
  scope: Scope,
  gradients: readonly Tensor[],
  { maxNorm, lossScale = 1 }: ClipOptions,
): Tensor {
  if (!(maxNorm > 0)) {
    throw new ConfigError(
      `clipGradients: the norm has to be above 0. Got maxNorm ${maxNorm}. Pass a positive number.`,
    );
  }
  using scratch = scope.child();
  const splits = gradients.map(({ size }) => splitsFor(size));
  const total = splits.reduce((sum, count) => sum + count, 0);
  const partial = scratch.tensor([total], 'clipGradients.partial');
  let offset = 0;
  for (const [n, gradient] of gradients.entries()) {
    scope.dispatch(wgsl.clipGradientsPartial, {
      params: { count: gradient.size, offset, splits: splits[n]!, inverse_scale: 1 / lossScale },
      buffers: { gradient, partial },
      threads: splits[n]!,
    });
    offset += splits[n]!;
  }
  const squaredNorm = sumRows(scope, partial, 1);
  for (const gradient of gradients) {
    const threads = Math.ceil(gradient.size / ELEMENTS_PER_THREAD);
    scope.dispatch(wgsl.clipGradientsScale, {
      params: { count: gradient.size, threads, max_norm: maxNorm },
      buffers: { squared_norm: squaredNorm, gradient },
      threads,
    });
  }
  return squaredNorm;
}
