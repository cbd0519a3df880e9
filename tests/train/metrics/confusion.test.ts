import { describe, expect, it } from 'vitest';
import { confusion, precision, sensitivity } from '../../../src/train/metrics/confusion.ts';
import { maskOf } from '../../../src/train/metrics/mask.ts';

const counts = (p: number[], t: number[]) => confusion(maskOf(p), maskOf(t));

describe('confusion', () => {
  it('counts shared, surplus and missed voxels', () => {
    expect(counts([1, 1, 0, 0, 1], [1, 0, 1, 0, 1])).toEqual({
      truePositives: 2,
      falsePositives: 1,
      falseNegatives: 1,
    });
  });
});

describe('sensitivity and precision', () => {
  it('are shares of the target and of the prediction', () => {
    const c = counts([1, 1, 1, 0], [1, 0, 0, 1]);
    expect(sensitivity(c)).toBe(1 / 2);
    expect(precision(c)).toBe(1 / 3);
  });

  it('are undefined for an empty target and for an empty prediction, and 0 the other way round', () => {
    const emptyTarget = counts([1, 0], [0, 0]);
    expect(sensitivity(emptyTarget)).toBeNaN();
    expect(precision(emptyTarget)).toBe(0);
    const emptyPrediction = counts([0, 0], [1, 0]);
    expect(sensitivity(emptyPrediction)).toBe(0);
    expect(precision(emptyPrediction)).toBeNaN();
  });
});
