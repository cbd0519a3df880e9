import { describe, expect, test } from 'vitest';
import { Rng, threefry2x32, threefryNormal } from '../src/rng.ts';

describe('threefry2x32', () => {
  // Known answers published with Random123 (Salmon et al. 2011) for Threefry-2x32, 20 rounds.
  test.each([
    { key: [0, 0], counter: [0, 0], expected: [0x6b200159, 0x99ba4efe] },
    {
      key: [0xffffffff, 0xffffffff],
      counter: [0xffffffff, 0xffffffff],
      expected: [0x1cb996fc, 0xbb002be7],
    },
    {
      key: [0x13198a2e, 0x03707344],
      counter: [0x243f6a88, 0x85a308d3],
      expected: [0xc4923a9c, 0x483df7a0],
    },
  ] as const)('gives the published words for key $key', ({ key, counter, expected }) => {
    expect(threefry2x32(key, counter)).toEqual(expected);
  });
});

test('threefryNormal has the moments of a standard normal distribution', () => {
  const values = Array.from({ length: 40_000 }, (_, n) => threefryNormal([1, 2], [0, n]));
  const moment = (power: number) =>
    values.reduce((sum, value) => sum + value ** power, 0) / values.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.025);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.04);
  expect(Math.abs(moment(3))).toBeLessThan(0.1);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.25);
});

describe('Rng', () => {
  test('streams of different indices differ and do not advance their parent', () => {
    const rng = Rng.seed(1);
    const [first, second] = [rng.fold(0).next(), rng.fold(1).next()];
    expect(first).not.toBe(second);
    expect(rng.next()).toBe(Rng.seed(1).next());
    expect(rng.fold(0).next()).toBe(first);
  });

  test('seeds beyond 32 bits give streams of their own', () => {
    expect(Rng.seed(2 ** 32 + 5).next()).not.toBe(Rng.seed(5).next());
  });

  test('uniform numbers lie in [0, 1) with the mean of a uniform distribution', () => {
    const rng = Rng.seed(3);
    const values = Array.from({ length: 20000 }, () => rng.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(0.5, 2);
  });

  test('normal numbers have mean 0 and variance 1', () => {
    const rng = Rng.seed(4);
    const values = Array.from({ length: 20000 }, () => rng.normal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  test('a permutation holds every index once', () => {
    const order = Rng.seed(5).permutation(100);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  });
});
