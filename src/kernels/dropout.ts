/** Dropout launcher; the meaning is in `reference/dropout.ts`. */
import { ConfigError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';

/**
 * Zeroes each element with probability p and divides the others by 1 - p. The backward pass is the
 * same on dy with the same key. PyTorch `nn.Dropout`.
 *
 * Differs from PyTorch: the mask depends on the key and the element's index alone.
 *
 * @param p in [0, 1]; 1 zeroes everything
 * @param key two 32-bit words, one pair per call
 * @returns y like x, owned by `scope`
 * @throws ConfigError for p outside [0, 1]
 */
export function dropoutForward(
  scope: Scope,
  x: Tensor,
  p: number,
  key: readonly [number, number],
): Tensor {
  if (!(p >= 0 && p <= 1)) {
    throw new ConfigError(
      `dropoutForward: p is a probability. Got ${p}. Pass a number from 0 to 1.`,
    );
  }
  const y = scope.tensor(x.shape, 'dropoutForward.y', x.dtype);
  scope.dispatch(wgsl.dropoutForward, {
    params: { count: x.size, key0: key[0], key1: key[1], p, scale: p < 1 ? 1 / (1 - p) : 0 },
    buffers: { x, y },
    threads: x.size,
  });
  return y;
}
