/** Noise launcher; the meaning is in `reference/noise.ts`. */
import { stepOf } from '../gpu/row_shares.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { checkShape, volumeBatchSizes } from '../shape.ts';

/**
 * Gaussian noise on top of every sample; mean and standard deviation 0 change nothing.
 *
 * @param x images as f32 [N, C, D, H, W], overwritten; its owner stays the same
 * @param moments [N, 2]: mean and standard deviation
 * @param keys as u32 [N, 2], of the random numbers
 * @throws ShapeError for other shapes
 * @see TorchIO Noise(mean, std, seed)
 */
export function noiseInPlace(scope: Scope, x: Tensor, moments: Tensor, keys: Tensor): void {
  const { samples } = volumeBatchSizes('noiseInPlace', x.shape);
  checkShape('noiseInPlace', 'moments', moments.shape, [samples, 2]);
  checkShape('noiseInPlace', 'keys', keys.shape, [samples, 2]);
  const sample_size = x.size / samples;
  const share = stepOf(sample_size);
  const threads = samples * share;
  scope.dispatch(wgsl.noiseInPlace, {
    params: { threads, share, sample_size },
    buffers: { moments, keys, x },
    threads,
  });
}
