import { describe, expect, test } from 'vitest';
import type { Triple } from '../../src/shape.ts';
import { percentile, sizeStatistics } from '../../src/train/size_statistics.ts';

describe('percentile', () => {
  test('interpolates between ranks to the last bit of numpy.percentile', () => {
    // Sizes at 2 mm of seven images, and what NumPy made of them.
    expect(percentile([43, 97, 138, 46, 52, 81, 111], 90)).toBe(121.80000000000001);
    expect(percentile([43, 97, 138, 46, 52, 81, 111], 10)).toBe(44.8);
  });

  test('of one value is that value, of the ends the extremes', () => {
    expect(percentile([7], 90)).toBe(7);
    expect(percentile([3, 1, 2], 0)).toBe(1);
    expect(percentile([3, 1, 2], 100)).toBe(3);
  });
});

describe('sizeStatistics', () => {
  test('looks at each axis by itself, and divides by n', () => {
    const sizes: Triple[] = [
      [10, 5, 1],
      [20, 5, 4],
      [40, 5, 1],
    ];
    const { count, median, min, max, std } = sizeStatistics(sizes);
    expect(count).toBe(3);
    expect(median).toEqual([20, 5, 1]);
    expect(min).toEqual([10, 5, 1]);
    expect(max).toEqual([40, 5, 4]);
    expect(std[0]).toBeCloseTo(Math.sqrt(1400 / 9), 12);
    expect(std[1]).toBe(0);
    expect(std[2]).toBeCloseTo(Math.SQRT2, 12);
  });

  test('adds in the order of the images, as NumPy along the first axis', () => {
    // Adding pairwise, as NumPy does along the last axis, differs in the last digit.
    const sizes = [71, 240, 239, 174, 367, 248, 72, 172, 308].map((k): Triple => [1, 1, k]);
    expect(sizeStatistics(sizes).std[2]).toBe(93.41834752510337);
  });
});
