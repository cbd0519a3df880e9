/** What the sizes of a data set's images have in common, in NumPy's arithmetic to the last bit. */
import type { Triple } from '../shape.ts';
import { median } from './dataset_analysis.ts';

/** Voxels per axis, over all images. */
export interface SizeStatistics {
  readonly count: number;
  readonly median: Triple;
  readonly min: Triple;
  readonly max: Triple;
  /** Of the population: divided by n. */
  readonly std: Triple;
  readonly percentile10: Triple;
  readonly percentile90: Triple;
}

/** In order: a sum of floats depends on it. */
function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function populationStd(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) * (value - mean))) / values.length);
}

/**
 * Linear interpolation between the two nearest ranks.
 *
 * @param percent 0 to 100
 * @see numpy.percentile, whose interpolation starts from the nearer rank
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * (percent / 100);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const share = at - below;
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
}

/** Of at least one size `[i, j, k]`. */
export function sizeStatistics(sizes: readonly Triple[]): SizeStatistics {
  const perAxis = (of: (values: readonly number[]) => number): Triple => {
    const along = (axis: 0 | 1 | 2): number => of(sizes.map((size) => size[axis]));
    return [along(0), along(1), along(2)];
  };
  return {
    count: sizes.length,
    median: perAxis(median),
    min: perAxis((values) => Math.min(...values)),
    max: perAxis((values) => Math.max(...values)),
    std: perAxis(populationStd),
    percentile10: perAxis((values) => percentile(values, 10)),
    percentile90: perAxis((values) => percentile(values, 90)),
  };
}
