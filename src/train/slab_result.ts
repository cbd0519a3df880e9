import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { aggregateLabels, aggregateProbabilities } from '../kernels/aggregate.ts';
import { nonFinite } from '../kernels/non_finite.ts';

/** What is read back of a slab: classes only, or the probability of each. */
export type SlabResult =
  | { readonly name: 'labels'; readonly threshold: number }
  | { readonly name: 'probabilities' };

/**
 * What is read back of a finished slab.
 *
 * @param sums [C + 1, rows, J, K]
 * @returns owned by `scope`: packed u32 labels or f32 [C, rows, J, K], and [1] how many sums are not finite
 */
export function finishSlab(
  scope: Scope,
  sums: Tensor,
  kind: SlabResult,
): { readonly result: Tensor; readonly broken: Tensor } {
  const result =
    kind.name === 'labels'
      ? aggregateLabels(scope, sums, kind.threshold)
      : aggregateProbabilities(scope, sums);
  return { result, broken: nonFinite(scope, [sums]) };
}
