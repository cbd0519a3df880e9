import { expect, test } from 'vitest';
import { faultOf, toleranceOf, worstDifference } from '../../../src/kernels/tuning/difference.ts';

test('the worst difference is a part of the largest value', () => {
  expect(worstDifference([1, 2, 8.5], [1, 2, 8])).toBe(0.5 / 8);
  expect(worstDifference([0, 0], [0, 0])).toBe(0);
});

test('NaN and a missing value are never right', () => {
  for (const actual of [[1, Number.NaN], [1]]) {
    expect(worstDifference(actual, [1, 2])).toBeNaN();
    expect(faultOf(actual, [1, 2], 1)).toMatch(/off by NaN/);
  }
});

test('the tolerance grows with the sum, and with half precision', () => {
  expect(toleranceOf(400, 'f32')).toBeCloseTo(2 * toleranceOf(100, 'f32'), 12);
  expect(toleranceOf(1e6, 'f32')).toBeLessThan(3e-4);
  expect(toleranceOf(100, 'f16')).toBeGreaterThan(2 ** -11);
});

test('sums in another order are within it, a missing term is not', () => {
  const terms = Array.from({ length: 10_000 }, (_, n) => Math.fround(Math.sin(n * n)));
  const sum = (values: number[]) => values.reduce((a, b) => Math.fround(a + b), 0);
  const tolerance = toleranceOf(terms.length, 'f32');
  // The largest of many sums is some times the typical one.
  const largest = 4 * Math.sqrt(terms.length / 2);
  const results = (values: number[]) => [sum(values), largest];
  expect(faultOf(results([...terms].reverse()), results(terms), tolerance)).toBe(undefined);
  expect(faultOf(results(terms.slice(1, -1)), results(terms), tolerance)).toMatch(/off by/);
});

test('the worst difference is relative to the largest value, and NaN where there is nothing', () => {
  expect(worstDifference([1, 2, 4], [1, 3, 4])).toBe(0.25);
  expect(worstDifference([1], [1, 2])).toBeNaN();
  expect(worstDifference([Number.NaN, 1], [0, 1])).toBeNaN();
  expect(worstDifference([0.5], [0])).toBe(0.5);
});
