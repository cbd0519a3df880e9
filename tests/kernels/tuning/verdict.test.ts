import { expect, test } from 'vitest';
import { verdictOf } from '../../../src/kernels/tuning/verdict.ts';

const timed = (name: string, ...samples: number[]) => ({ name, samples });
const standard = timed('default', 10, 10.2, 9.9, 10.1, 10);

test('the fastest wins when it is clear', () => {
  const verdict = verdictOf([standard, timed('a', 8, 8.1, 8), timed('b', 5, 5.1, 4.9)]);
  expect(verdict).toEqual({ name: 'b', gain: 2 });
});

test('five percent are not enough', () => {
  expect(verdictOf([standard, timed('a', 9.6, 9.6, 9.6)])).toEqual({ name: 'default', gain: 1 });
});

test('a gain within the noise is refused', () => {
  const noisy = timed('a', 4, 12, 7, 15, 8);
  expect(verdictOf([standard, noisy])).toEqual({ name: 'default', gain: 1, refused: 'a' });
  const busy = timed('default', 10, 20, 12, 30, 8);
  expect(verdictOf([busy, timed('a', 9, 9, 9)]).name).toBe('default');
});

test('a clear kernel wins over a noisy faster one', () => {
  const noisy = timed('noisy', 3, 12, 5, 20, 6);
  expect(verdictOf([standard, noisy, timed('clear', 7, 7.1, 7)]).name).toBe('clear');
});

test('one outlier decides nothing', () => {
  expect(verdictOf([standard, timed('a', 6, 6, 60, 6, 6.1)]).name).toBe('a');
});

test('a single kernel is its own verdict', () => {
  expect(verdictOf([timed('only', 3)])).toEqual({ name: 'only', gain: 1 });
});
