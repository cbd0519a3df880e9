import { describe, expect, it } from 'vitest';
import { patchConfig } from '../../src/patch/patch_config.ts';
import {
  checkOverlap,
  normalizePatchOverlap,
  scaledOverlap,
} from '../../src/patch/patch_overlap.ts';

describe('normalizePatchOverlap', () => {
  it('takes fractions of each axis, down to even voxels', () => {
    expect(normalizePatchOverlap(0.5, [128, 128, 64])).toEqual([64, 64, 32]);
    expect(normalizePatchOverlap(0.5, [30, 31, 33])).toEqual([14, 14, 16]);
    expect(normalizePatchOverlap(0.99, [4, 3, 2])).toEqual([2, 2, 0]);
  });

  it('takes whole numbers as voxels: 1 is one voxel, which rounds to 0', () => {
    expect(normalizePatchOverlap(1, [16, 16, 16])).toEqual([0, 0, 0]);
    expect(normalizePatchOverlap(15, [16, 16, 16])).toEqual([14, 14, 14]);
    expect(normalizePatchOverlap([1, 4, 7], [16, 16, 16])).toEqual([0, 4, 6]);
  });

  it('takes a whole configuration', () => {
    const config = patchConfig({ patchSize: [32, 32, 16], patchOverlap: 0.25 });
    expect(normalizePatchOverlap(config)).toEqual([8, 8, 4]);
  });
});

describe('checkOverlap', () => {
  it('refuses what is negative or not below every patch size', () => {
    expect(() => checkOverlap(-1, [8, 8, 8])).toThrow(/negative/);
    expect(() => checkOverlap(Number.NaN, [8, 8, 8])).toThrow(/negative/);
    expect(() => checkOverlap(8, [16, 8, 16])).toThrow(/not smaller/);
    expect(() => checkOverlap([0, 0, 8], [8, 8, 8])).toThrow(/not smaller/);
    expect(() => checkOverlap(7, [8, 8, 8])).not.toThrow();
  });

  it('refuses fractions per axis and broken voxels', () => {
    expect(() => checkOverlap([0.5, 0.5, 0.5], [8, 8, 8])).toThrow(/whole voxels/);
    expect(() => checkOverlap(2.5, [8, 8, 8])).toThrow(/whole voxels/);
  });
});

describe('scaledOverlap', () => {
  it('keeps a fraction, and voxels in proportion and even', () => {
    expect(scaledOverlap(0.5, [16, 16, 16], [8, 8, 8])).toBe(0.5);
    expect(scaledOverlap(12, [32, 32, 16], [16, 32, 12])).toEqual([6, 12, 8]);
    expect(scaledOverlap([7, 4, 0], [16, 16, 16], [16, 6, 8])).toEqual([7, 0, 0]);
  });

  it('is legal for every smaller patch', () => {
    for (let size = 2; size < 16; size += 2) {
      const smaller = [size, size, size] as const;
      const overlap = scaledOverlap([14, 2, 8], [16, 16, 16], smaller);
      expect(() => checkOverlap(overlap, smaller)).not.toThrow();
    }
  });
});
