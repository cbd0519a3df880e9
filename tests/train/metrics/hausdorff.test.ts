import { describe, expect, it } from 'vitest';
import { hausdorff } from '../../../src/train/metrics/hausdorff.ts';

const shape = [4, 5, 12] as const;

/** Box of voxels, ends exclusive. */
function box(low: number[], high: number[]): Uint8Array {
  const mask = new Uint8Array(4 * 5 * 12);
  for (let i = low[0]!; i < high[0]!; i++) {
    for (let j = low[1]!; j < high[1]!; j++) {
      mask.fill(1, (i * 5 + j) * 12 + low[2]!, (i * 5 + j) * 12 + high[2]!);
    }
  }
  return mask;
}

describe('hausdorff', () => {
  it('is 0 for equal masks, also on the border of the volume', () => {
    const mask = box([0, 0, 0], [4, 5, 12]);
    expect(hausdorff(mask, mask, shape)).toBe(0);
  });

  it('is the larger of the two directions', () => {
    const small = box([1, 1, 1], [2, 2, 2]);
    const large = box([1, 1, 1], [2, 2, 9]);
    // From small to large all distances are 0; from large to small they are 0 .. 7.
    const expected = Math.fround(6 + Math.fround(Math.fround(0.95) * 7 - 6));
    expect(hausdorff(small, large, shape)).toBeCloseTo(expected, 5);
    expect(hausdorff(large, small, shape)).toBeCloseTo(expected, 5);
    expect(hausdorff(small, large, shape, { percentile: null })).toBe(7);
    expect(hausdorff(small, large, shape, { percentile: 50 })).toBe(3.5);
  });

  it('measures between surfaces, not volumes: a hole in a mask counts', () => {
    const full = box([0, 0, 2], [4, 5, 7]);
    const hollow = full.slice();
    hollow[(2 * 5 + 2) * 12 + 4] = 0;
    expect(hausdorff(full, full, shape, { percentile: null })).toBe(0);
    expect(hausdorff(hollow, full, shape, { percentile: null })).toBeGreaterThan(0);
  });

  it('takes the spacing of voxels into account', () => {
    const a = box([0, 0, 0], [1, 1, 1]);
    const b = box([1, 2, 2], [2, 3, 3]);
    expect(hausdorff(a, b, shape)).toBe(3);
    const spacing = [2, 3, 1] as const;
    expect(hausdorff(a, b, shape, { spacing })).toBeCloseTo(Math.sqrt(4 + 36 + 4), 6);
  });

  it('is undefined where a mask is empty, but infinite as a maximum if only one is', () => {
    const empty = new Uint8Array(4 * 5 * 12);
    const mask = box([1, 1, 1], [3, 3, 3]);
    expect(hausdorff(empty, mask, shape)).toBeNaN();
    expect(hausdorff(mask, empty, shape)).toBeNaN();
    expect(hausdorff(empty, empty, shape, { percentile: null })).toBeNaN();
    expect(hausdorff(mask, empty, shape, { percentile: null })).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses a percentile that does not exist and masks that do not fill the shape', () => {
    const mask = box([1, 1, 1], [3, 3, 3]);
    expect(() => hausdorff(mask, mask, shape, { percentile: 101 })).toThrow(/101/);
    expect(() => hausdorff(mask, mask, [4, 5, 11])).toThrow(/240 voxels for \[4,5,11\]/);
  });
});
