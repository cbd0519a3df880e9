import { describe, expect, it } from 'vitest';
import { checkMasks, maskOf } from '../../../src/train/metrics/mask.ts';

describe('maskOf', () => {
  it('takes every label above 0, or one label', () => {
    expect([...maskOf([0, 1, 2, -1])]).toEqual([0, 1, 1, 0]);
    expect([...maskOf([0, 1, 2, 2], 2)]).toEqual([0, 0, 1, 1]);
    expect([...maskOf([0, 1], 0)]).toEqual([1, 0]);
  });
});

describe('checkMasks', () => {
  it('refuses masks of different grids, with the numbers', () => {
    const mask = new Uint8Array(8);
    expect(() => checkMasks('f', mask, new Uint8Array(7))).toThrow(/8 and 7/);
    expect(() => checkMasks('f', mask, mask, [2, 2, 3])).toThrow(/\[2,2,3\]/);
    expect(() => checkMasks('f', mask, mask, [2, 2, 2])).not.toThrow();
  });
});
