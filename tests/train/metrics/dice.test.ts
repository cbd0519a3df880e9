import { describe, expect, it } from 'vitest';
import { dice } from '../../../src/train/metrics/dice.ts';

const counts = (truePositives: number, falsePositives: number, falseNegatives: number) => ({
  truePositives,
  falsePositives,
  falseNegatives,
});

describe('dice', () => {
  it('is twice the shared voxels over both sizes', () => {
    expect(dice(counts(3, 1, 2))).toBe(6 / 9);
    expect(dice(counts(3, 0, 0))).toBe(1);
  });

  it('is undefined for an empty target even if something was predicted', () => {
    expect(dice(counts(0, 5, 0))).toBeNaN();
    expect(dice(counts(0, 0, 0))).toBeNaN();
  });

  it('is 0 for an empty prediction', () => {
    expect(dice(counts(0, 0, 5))).toBe(0);
  });
});
