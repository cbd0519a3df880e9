import { expect, test } from 'vitest';
import { summarise } from '../../bench/statistics.ts';

test('the median and the quartiles are interpolated, whatever the order', () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, spread: 1.5 / 2.5 });
  expect(summarise([5, 1, 4, 2, 3])).toEqual({ median: 3, spread: 2 / 3 });
});

test('a single run has no spread, and one outlier among many changes nothing', () => {
  expect(summarise([7])).toEqual({ median: 7, spread: 0 });
  expect(summarise([...new Array<number>(9).fill(2), 1000])).toEqual({ median: 2, spread: 0 });
});
