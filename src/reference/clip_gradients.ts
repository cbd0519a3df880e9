/**
 * Scales all gradients by one factor, so that their norm together is at most `maxNorm`. In place.
 * Gives the squared norm before that.
 *
 * @see torch.nn.utils.clip_grad_norm_ with norm_type 2
 */
export function clipGradients(
  gradients: readonly Float32Array[],
  { maxNorm, lossScale = 1 }: { readonly maxNorm: number; readonly lossScale?: number },
): number {
  let squaredNorm = 0;
  for (const gradient of gradients) {
    for (const value of gradient) squaredNorm += (value / lossScale) ** 2;
  }
  const factor = maxNorm / (Math.sqrt(squaredNorm) + 1e-6);
  if (factor >= 1) return squaredNorm;
  for (const gradient of gradients) {
    for (let n = 0; n < gradient.length; n++) gradient[n]! *= factor;
  }
  return squaredNorm;
}
