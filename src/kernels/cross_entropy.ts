/** Cross-entropy launchers: those of `dice_ce` with the Dice term switched off. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { type DiceCeOptions, diceCeBackward, diceCeForward } from './dice_ce.ts';

export interface CrossEntropyOptions {
  /** One value >= 0 per class. Default: all 1. */
  readonly weight?: readonly number[];
  /** The mean divides by the sum of the voxels' weights. Default 'mean'. */
  readonly reduction?: 'mean' | 'sum';
}

const asDiceCe = (options: CrossEntropyOptions): DiceCeOptions => ({ ...options, lambdaDice: 0 });

/**
 * Mean of -log softmax(logits)[label]. PyTorch `nn.CrossEntropyLoss`.
 *
 * Differs from PyTorch: a label that is no class, ignore_index included, makes the loss NaN.
 *
 * @param logits [N, C, ...], C >= 2
 * @param target labels 0 .. C-1 as u32, [N, 1, ...]
 * @returns loss [1] and slopes for the backward pass, owned by `scope`
 * @throws ShapeError for a target that does not fit, ConfigError for a weight that does not
 */
export function crossEntropyForward(
  scope: Scope,
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): { loss: Tensor; slopes: Tensor } {
  const name = 'crossEntropyForward';
  const result = diceCeForward(scope, logits, target, asDiceCe(options), name);
  scope.release(result.dice);
  scope.release(result.ce);
  return { loss: result.loss, slopes: result.slopes };
}

/**
 * @param logits overwritten
 * @param slopes of `crossEntropyForward`
 * @param dloss [1]
 * @returns logits, now dlogits; their owner stays the same
 */
export function crossEntropyBackward(
  scope: Scope,
  logits: Tensor,
  target: Tensor,
  slopes: Tensor,
  dloss: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const name = 'crossEntropyBackward';
  return diceCeBackward(scope, logits, target, slopes, dloss, asDiceCe(options), name);
}
