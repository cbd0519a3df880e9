/** What a list of measured times says. */

/** Value below which the share `part` of the sorted values lies, interpolated. */
function quantile(sorted: readonly number[], part: number): number {
  const at = part * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (at - below) * (high - low);
}

export interface Summary {
  readonly median: number;
  /** Distance of the quartiles over the median: how far the middle half of the runs lies apart. */
  readonly spread: number;
}

/** Of at least one positive number, in any order. Outliers of a busy machine move neither value. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  return { median, spread: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / median };
}
