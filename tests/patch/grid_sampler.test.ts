import { describe, expect, it } from 'vitest';
import { gridLocations } from '../../src/patch/grid_sampler.ts';

describe('gridLocations', () => {
  it('steps by patch minus overlap and ends flush with the volume, in lexicographic order', () => {
    const starts = gridLocations([20, 8, 30], [8, 8, 16], [0, 2, 6]).map(({ start }) => start);
    expect(starts).toEqual([
      [0, 0, 0],
      [0, 0, 10],
      [0, 0, 14],
      [8, 0, 0],
      [8, 0, 10],
      [8, 0, 14],
      [12, 0, 0],
      [12, 0, 10],
      [12, 0, 14],
    ]);
  });

  it('is one patch if the volume is one patch, whatever the overlap', () => {
    expect(gridLocations([8, 8, 8], [8, 8, 8], [4, 4, 4])).toEqual([
      { start: [0, 0, 0], size: [8, 8, 8] },
    ]);
  });

  it('covers every voxel', () => {
    const covered = new Uint8Array(17 * 13 * 9);
    for (const { start } of gridLocations([17, 13, 9], [8, 8, 8], [4, 2, 6])) {
      for (let n = 0; n < covered.length; n++) {
        const index = [Math.floor(n / 117), Math.floor(n / 9) % 13, n % 9];
        if (index.every((v, axis) => v >= start[axis]! && v < start[axis]! + 8)) covered[n] = 1;
      }
    }
    expect(covered.every((c) => c === 1)).toBe(true);
  });

  it('refuses odd overlaps, overlaps as large as the patch, and small volumes', () => {
    expect(() => gridLocations([9, 9, 9], [8, 8, 8], [4, 3, 4])).toThrow(/even/);
    expect(() => gridLocations([9, 9, 9], [8, 8, 8], [4, 8, 4])).toThrow(/smaller than the patch/);
    expect(() => gridLocations([9, 9, 9], [8, 8, 8], [-2, 0, 0])).toThrow(/overlap/);
    expect(() => gridLocations([7, 9, 9], [8, 8, 8], [4, 4, 4])).toThrow(/volume \[7,9,9\]/);
  });
});
