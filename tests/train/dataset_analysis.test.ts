import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import type { Triple } from '../../src/shape.ts';
import { analyseGrids, median } from '../../src/train/dataset_analysis.ts';

const grid = (size: Triple, spacing: Triple) => ({ name: 'x', size, spacing });

describe('analyseGrids', () => {
  test('takes the spacing that most images share, rounded as fastMONAI rounds', () => {
    const result = analyseGrids([
      grid([100, 100, 20], [1.37000000477, 1, 8]),
      grid([100, 100, 20], [1.37, 1, 8]),
      grid([100, 100, 20], [2, 1, 8]),
    ]);
    expect(result.targetSpacing).toEqual([1.37, 1, 8]);
    expect(result.spacingRule).toEqual(['mode', 'mode', 'mode']);
  });

  test('takes the median where spacings are all different', () => {
    const spacings = [0.7, 0.9, 1.1, 3.1, 5.0];
    const result = analyseGrids(spacings.map((k) => grid([10, 10, 10], [1, 1, k])));
    expect(result.targetSpacing).toEqual([1, 1, 1.1]);
    expect(result.spacingRule[2]).toBe('median');
  });

  test('sizes are those after resampling, rounded down', () => {
    const result = analyseGrids(
      [grid([100, 101, 10], [1, 1, 3]), grid([50, 51, 20], [2, 2, 3])],
      [2, 2, 3],
    );
    expect(result.minSize).toEqual([50, 50, 10]);
    expect(result.maxSize).toEqual([50, 51, 20]);
    expect(result.medianSize).toEqual([50, 50.5, 15]);
  });

  test('refuses an empty data set', () => {
    expect(() => analyseGrids([])).toThrow(ConfigError);
  });
});

test('the median of an even number of values is the mean of the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});
