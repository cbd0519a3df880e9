import { expect, it } from 'vitest';
import { minimumOf } from '../../../src/patch/transforms/minimum_of.ts';

it('minimumOf finds the smallest value', () => {
  expect(minimumOf(Float32Array.of(3, -2, 7))).toBe(-2);
  expect(minimumOf(new Float32Array())).toBe(Number.POSITIVE_INFINITY);
});
