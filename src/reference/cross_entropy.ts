/** Cross-entropy of softmax probabilities against labels: the Dice and cross-entropy loss without Dice. */
import { diceCe, type Layout } from './dice_ce.ts';

/** logits: [N, C, voxels], labels: [N, voxels]. PyTorch `nn.CrossEntropyLoss`. */
export function crossEntropy(
  logits: Float32Array,
  labels: ArrayLike<number>,
  layout: Layout,
  options: { readonly weight?: ArrayLike<number>; readonly reduction?: 'mean' | 'sum' } = {},
): { loss: number; dlogits: Float32Array } {
  const { loss, dlogits } = diceCe(logits, labels, layout, { ...options, lambdaDice: 0 });
  return { loss, dlogits };
}
