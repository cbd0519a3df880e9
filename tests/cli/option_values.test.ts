import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import * as values from '../../src/cli/option_values.ts';

test('sizes and strides are read as people write them', () => {
  expect(values.triple('48,48,32')).toEqual([48, 48, 32]);
  expect(values.triple('48x48x32')).toEqual([48, 48, 32]);
  expect(values.triple('1.5')).toEqual([1.5, 1.5, 1.5]);
  expect(values.strides('2,2,1')).toEqual([2, 2, 1]);
  expect(values.strides('2x2x1,2')).toEqual([[2, 2, 1], 2]);
  expect(values.integers('16,32')).toEqual([16, 32]);
  expect(values.mirrorAxes('LR,IS')).toEqual(['LR', 'IS']);
});

test('bytes are read with and without their unit', () => {
  expect(values.byteCount('1500000000')).toBe(1_500_000_000);
  expect(values.byteCount('800M')).toBe(800 * 2 ** 20);
  expect(values.byteCount('1.5GiB')).toBe(1.5 * 2 ** 30);
  expect(values.byteCount('64kb')).toBe(65536);
});

test.each([
  [values.byteCount, '1.5T'],
  [values.byteCount, '-1'],
  [values.byteCount, '1.2.3G'],
  [values.byteCount, 'much'],
  [values.triple, '48,48'],
  [values.triple, 'a,b,c'],
  [values.triple, ''],
  [values.mirrorAxes, 'LR,0'],
  [values.mirrorAxes, ''],
  [values.strides, '2x2'],
  [values.strides, '2,,2'],
  [values.integers, '16,-2'],
  [values.positiveInteger, '0'],
  [values.positiveInteger, '1.5'],
  [values.count, '-1'],
  [values.seedNumber, '4294967296'],
  [values.share, '1'],
  [values.positiveNumber, 'Infinity'],
])('%o refuses %j', (parse: (text: string) => unknown, text) => {
  expect(() => parse(text)).toThrow(InvalidArgumentError);
});
