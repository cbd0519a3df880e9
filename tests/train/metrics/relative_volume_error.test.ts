import { describe, expect, it } from 'vitest';
import { signedRelativeVolumeError } from '../../../src/train/metrics/relative_volume_error.ts';

const rve = (truePositives: number, falsePositives: number, falseNegatives: number) =>
  signedRelativeVolumeError({ truePositives, falsePositives, falseNegatives });

describe('signedRelativeVolumeError', () => {
  it('has the sign of the error', () => {
    expect(rve(2, 2, 0)).toBe(1);
    expect(rve(2, 0, 2)).toBe(-0.5);
    expect(rve(0, 3, 3)).toBe(0);
  });

  it('is -1 for an empty prediction and undefined for an empty target', () => {
    expect(rve(0, 0, 4)).toBe(-1);
    expect(rve(0, 4, 0)).toBeNaN();
  });
});
