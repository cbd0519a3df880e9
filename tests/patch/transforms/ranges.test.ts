import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import {
  checkProbability,
  drawTriple,
  numbersOf,
  rangeOf,
  rangesOf,
} from '../../../src/patch/transforms/ranges.ts';
import { Rng } from '../../../src/rng.ts';

describe('rangesOf', () => {
  it.each([
    [0.25, 1, [0.75, 1.25, 0.75, 1.25, 0.75, 1.25]],
    [[0.25], 1, [0.75, 1.25, 0.75, 1.25, 0.75, 1.25]],
    [[0.9, 1.1], 1, [0.9, 1.1, 0.9, 1.1, 0.9, 1.1]],
    [[1, 2, 3], 0, [-1, 1, -2, 2, -3, 3]],
    [[1, 2, 3], null, [0, 1, 0, 2, 0, 3]],
    [[-1, 0, 2, 3, 4, 4], 0, [-1, 0, 2, 3, 4, 4]],
  ])('reads %j around %j as TorchIO does', (value, around, expected) => {
    expect(rangesOf(value, around, 'x').flat()).toEqual(expected);
  });

  it.each([
    [[1, 2, 3, 4], /x: .*\[1,2,3,4\].*1 or 2 or 3 or 6/],
    [[2, 1], /x: not a range\. Got 2 to 1/],
    [-1, /x: not a range\. Got 1 to -1/],
    [Number.NaN, /x: .*Got NaN/],
    ['1', /x: .*Got "1"/],
    [[1, null], /x: .*Got \[1,null\]/],
    [undefined, /x: .*Got undefined/],
  ])('refuses %j', (value, message) => {
    expect(() => rangesOf(value as number, 0, 'x')).toThrow(message);
    expect(() => rangesOf(value as number, 0, 'x')).toThrow(ConfigError);
  });
});

describe('rangeOf', () => {
  it('takes a number as a distance from 0, and two as they are', () => {
    expect(rangeOf(0.3, 'x')).toEqual([-0.3, 0.3]);
    expect(rangeOf([0.1, 0.2], 'x')).toEqual([0.1, 0.2]);
    expect(() => rangeOf(-0.3, 'x')).toThrow(/0\.3 to -0\.3/);
    expect(() => rangeOf([1, 2, 3], 'x')).toThrow(/1 or 2 finite/);
  });
});

it('drawTriple draws each axis evenly from its own range', () => {
  const rng = Rng.seed(1);
  const drawn = Array.from({ length: 1000 }, () =>
    drawTriple(rangesOf([0, 1, 5, 9, 3, 3], 0, 'x'), rng),
  );
  const column = (axis: number) => drawn.map((triple) => triple[axis]!);
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  expect(Math.min(...column(1))).toBeGreaterThanOrEqual(5);
  expect(Math.max(...column(1))).toBeLessThan(9);
  expect(Math.abs(mean(column(0)) - 0.5)).toBeLessThan(0.04);
  expect(Math.abs(mean(column(1)) - 7)).toBeLessThan(0.16);
  expect(new Set(column(2))).toEqual(new Set([3]));
});

it('numbersOf says how many numbers there should be', () => {
  expect(() => numbersOf([1], 'x', [20])).toThrow(/20 finite numbers/);
  expect(() => numbersOf([1, 2], 'x', [1])).toThrow(/1 finite number\./);
});

it('checkProbability refuses what is no number from 0 to 1', () => {
  for (const p of [0, 0.5, 1]) checkProbability(p, 'f', 'p');
  for (const p of [-0.1, 1.2, Number.NaN, '1', undefined]) {
    expect(() => checkProbability(p, 'f', 'p')).toThrow(/f: p is not a probability/);
  }
});
