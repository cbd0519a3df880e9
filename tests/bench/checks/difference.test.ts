import { expect, test } from 'vitest';
import { differenceOf, differenceText, farther } from '../../../bench/checks/difference.ts';

test('a difference counts as a part of the largest expected value, and says where it is', () => {
  const difference = differenceOf([1, 2.5, 4], [1, 2, 5]);
  expect(difference).toMatchObject({ worst: 0.2, at: 2, got: 4, expected: 5, nans: 0 });
  expect(differenceText(difference)).toBe('worst difference 2.0e-1 at 2: got 4, expected 5');
});

test('NaN is never small, and the first of several is named', () => {
  const difference = differenceOf([9, Number.NaN, Number.NaN], [1, 2, 3]);
  expect(difference).toMatchObject({ worst: null, at: 1, nans: 2 });
  expect(differenceText(difference)).toContain('2 of 3 values are not numbers, the first at 1');
});

test('nothing equals nothing, and missing values are the farthest off', () => {
  expect(differenceText(differenceOf([0], [0]))).toBe('no difference');
  const missing = differenceOf([], [1, 2]);
  expect(differenceText(missing)).toBe('another number of values than 2');
  const nan = differenceOf([Number.NaN, 2], [1, 2]);
  const large = differenceOf([1e30, 2], [1, 2]);
  expect(farther(missing, nan)).toBe(missing);
  expect(farther(large, nan)).toBe(nan);
  expect(farther(large, differenceOf([1, 2], [1, 2]))).toBe(large);
});
