/**
 * fastai's place to read a learning rate off: a third of the way, and half of a third more, into the
 * longest fall of the loss.
 *
 * The fall is the longest subsequence, not run, of losses that get smaller, so noise does not end
 * it; of equals the one that ends first. It is taken to begin as many points before its end as it
 * has members. Without any fall the place is 0.
 *
 * @param losses smoothed, under growing learning rates; at least one
 * @returns index into `losses`
 * @see fastai valley
 */
export function valley(losses: readonly number[]): number {
  /** Members of the longest fall that ends at each point. */
  const falls = losses.map(() => 1);
  let end = 0;
  for (let i = 1; i < losses.length; i++) {
    for (let j = 0; j < i; j++) {
      if (losses[i]! < losses[j]!) falls[i] = Math.max(falls[i]!, falls[j]! + 1);
    }
    if (falls[i]! > falls[end]!) end = i;
  }
  if (end === 0) return 0;
  const length = falls[end]!;
  const index = end - length + Math.floor(length / 3) + Math.floor(length / 6);
  // In Python -1 is the last element: so it is where only the first two points fall.
  return index < 0 ? losses.length + index : index;
}
