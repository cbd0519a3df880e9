import { describe, expect, it } from 'vitest';
import { volume } from '../../../src/index.ts';
import { fileIndex, gridOf, millimetres, scanImage } from '../../../web/app/viewer/scan_image.ts';

/** Axes of the file point to P, S and L; value 100 i + 10 j + k. */
function turned() {
  const data = new Float32Array(2 * 3 * 4);
  let n = 0;
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) data[n++] = 100 * i + 10 * j + k;
  }
  return volume(data, [1, 2, 3, 4], [0, 0, -1.5, 20, -2, 0, 0, 30, 0, 3, 0, -5, 0, 0, 0, 1]);
}

describe('scanImage', () => {
  it('turns the voxels next to R, A, S, i fastest, and keeps their millimetres', () => {
    const v = turned();
    const { grid, data } = scanImage(v);
    expect(grid.dims).toEqual([4, 2, 3]);
    expect(grid.spacing).toEqual([1.5, 2, 3]);
    expect(grid.fileAxes).toBe('PSL');
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) {
        for (let k = 0; k < 4; k++) {
          const drawn = [3 - k, 1 - i, j] as const;
          expect(data[drawn[0] + 4 * (drawn[1] + 2 * drawn[2])]).toBe(100 * i + 10 * j + k);
          expect(fileIndex(grid, drawn)).toEqual([i, j, k]);
          expect(millimetres(grid, drawn)).toEqual([20 - 1.5 * k, 30 - 2 * i, -5 + 3 * j]);
        }
      }
    }
  });

  it('keeps whole numbers in the smallest type, and everything else in float32', () => {
    const kind = (...values: number[]) => {
      const { data } = scanImage(
        volume(Float32Array.from(values), [1, values.length, 1, 1], identity),
      );
      return data.constructor.name;
    };
    const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    expect(kind(0, 255)).toBe('Uint8Array');
    expect(kind(-1, 255)).toBe('Int16Array');
    expect(kind(0, 40_000)).toBe('Float32Array');
    expect(kind(0, 0.5)).toBe('Float32Array');
  });

  it('finds the range of 2 % to 98 %, and draws what is no number as the smallest value', () => {
    const values = Float32Array.from({ length: 1000 }, (_, n) => n);
    values[999] = 1e6;
    values[998] = Number.NaN;
    const { min, max, robust, data } = scanImage(
      volume(values, [1, 10, 10, 10], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
    );
    expect([min, max]).toEqual([0, 1e6]);
    expect(robust[1]).toBeLessThan(2000);
    expect([...data].every(Number.isFinite)).toBe(true);
  });

  it('draws the first of several images, and tells how many there are', () => {
    const v = volume(
      Float32Array.from([1, 2, 3, 4]),
      [2, 2, 1, 1],
      [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    );
    const image = scanImage(v);
    expect(image.channels).toBe(2);
    expect([...image.data]).toEqual([1, 2]);
    expect(gridOf(v).dims).toEqual([2, 1, 1]);
  });
});
