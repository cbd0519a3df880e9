/** What the headers of a data set's images say about it: grids, spacings, and the grid they share best. */
import { ConfigError } from '../errors.ts';
import type { Triple } from '../shape.ts';

/** Size in voxels and spacing in millimetres of one image, both in the axis order that training sees. */
export interface ImageGrid {
  readonly name: string;
  readonly size: Triple;
  readonly spacing: Triple;
}

export type SpacingRule = 'mode' | 'median' | 'given';

export interface DatasetAnalysis {
  readonly count: number;
  /** Spacing that most images share, or the median where no spacing is shared by half of them. */
  readonly targetSpacing: Triple;
  /** Per axis, where `targetSpacing` comes from: the images' mode or median, or the caller. */
  readonly spacingRule: readonly [SpacingRule, SpacingRule, SpacingRule];
  /** Sizes after resampling to `targetSpacing`. */
  readonly medianSize: Triple;
  readonly minSize: Triple;
  readonly maxSize: Triple;
}

/** Sizes that a header stores in float32 (1.3700000048) are compared and reported as 1.37. */
const rounded = (millimetres: number): number => Math.round(millimetres * 1e4) / 1e4;

const triple = <T>(of: (axis: number) => T): [T, T, T] => [of(0), of(1), of(2)];

/** Middle value; of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Most frequent value and how often it occurs; of equally frequent ones the smallest, as in pandas. */
export function mode(values: readonly number[]): { value: number; count: number } {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [value, count] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]!;
  return { value, count };
}

/**
 * Suggested spacing and the sizes that follow from it.
 *
 * @param targetSpacing overrides the suggestion, millimetres
 * @throws ConfigError without images
 * @see fastMONAI MedDataset.get_suggestion and get_size_statistics
 *
 * Differs from fastMONAI: where images share no spacing (the mode covers less than half of them) the
 * median stands in, since the smallest of many unique values would be arbitrary.
 */
export function analyseGrids(grids: readonly ImageGrid[], targetSpacing?: Triple): DatasetAnalysis {
  if (grids.length === 0) {
    throw new ConfigError(
      'analyseGrids: there is nothing to analyse. Got 0 images. Pass at least one.',
    );
  }
  const axes = triple((axis) => {
    const spacings = grids.map(({ spacing }) => rounded(spacing[axis]!));
    const { value, count } = mode(spacings);
    const shared = 2 * count >= grids.length;
    const suggested = shared ? value : rounded(median(spacings));
    const spacing = targetSpacing?.[axis] ?? suggested;
    const rule: SpacingRule = targetSpacing ? 'given' : shared ? 'mode' : 'median';
    const sizes = grids.map(({ size }, n) => {
      const resampled = Math.floor((size[axis]! * spacings[n]!) / spacing + 1e-6);
      return Math.max(1, resampled);
    });
    return { spacing, rule, sizes };
  });
  return {
    count: grids.length,
    targetSpacing: triple((axis) => axes[axis]!.spacing),
    spacingRule: triple((axis) => axes[axis]!.rule),
    medianSize: triple((axis) => median(axes[axis]!.sizes)),
    minSize: triple((axis) => Math.min(...axes[axis]!.sizes)),
    maxSize: triple((axis) => Math.max(...axes[axis]!.sizes)),
  };
}
