import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/rng.ts';
import { valley } from '../../src/train/valley.ts';

/** Length of the longest fall that ends at `end`, by trying all of them. */
function longestFall(losses: readonly number[], end: number): number {
  let longest = 1;
  for (let before = 0; before < end; before++) {
    if (losses[before]! > losses[end]!)
      longest = Math.max(longest, 1 + longestFall(losses, before));
  }
  return longest;
}

describe('valley', () => {
  it('lies in the middle of a loss that only falls', () => {
    // Starts one point before the first: -1 + 9 / 3 + 9 / 6, cut to whole numbers.
    expect(valley([9, 8, 7, 6, 5, 4, 3, 2, 1])).toBe(3);
    expect(valley([3, 2, 1])).toBe(0);
    expect(valley([6, 5, 4, 3, 2, 1])).toBe(2);
  });

  it('skips a plateau and a rise', () => {
    const losses = [5, 5, 5, 5, 4, 3, 2, 1, 0, 2, 4, 8];
    // The fall of 5 4 3 2 1 0 ends at 8: 8 - 6 + 2 + 1.
    expect(valley(losses)).toBe(5);
  });

  it('is not thrown off by noise in the fall', () => {
    // Longest: 9 7 6 5 3 2, six of eight points, which end at 7: 7 - 6 + 2 + 1.
    expect(valley([9, 7, 8, 6, 5, 5.5, 3, 2])).toBe(4);
  });

  it('takes the first of two falls of the same length', () => {
    const first = [3, 2, 1, 9, 8, 7];
    expect(valley(first)).toBe(0);
    expect(valley([...first, 6])).toBe(3);
  });

  it('is 0 where nothing falls, and for a single point', () => {
    expect(valley([1, 2, 3])).toBe(0);
    expect(valley([1, 1, 1])).toBe(0);
    expect(valley([1])).toBe(0);
  });

  it('is the last point where only the first two fall, as -1 is in Python', () => {
    expect(valley([2, 1, 3, 4])).toBe(3);
  });

  it('finds the longest of all falls in noise', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = Rng.seed(seed);
      const losses = Array.from({ length: 14 }, () => rng.integer(10));
      const lengths = losses.map((_, end) => longestFall(losses, end));
      const length = Math.max(...lengths);
      const end = lengths.indexOf(length);
      const third = length / 3;
      const index = end - length + Math.trunc(third) + Math.trunc(third / 2);
      expect(valley(losses), losses.join()).toBe(index < 0 ? index + losses.length : index);
    }
  });
});
