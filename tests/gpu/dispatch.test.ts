import { describe, expect, test } from 'vitest';
import { GpuError, ShapeError } from '../../src/errors.ts';
import { foldGrid, packParams } from '../../src/gpu/dispatch.ts';
import * as wgsl from '../../src/gpu/wgsl.generated.ts';

describe('foldGrid', () => {
  test.each([
    { workgroups: 1, grid: [1, 1] },
    { workgroups: 65535, grid: [65535, 1] },
    { workgroups: 65536, grid: [32768, 2] },
    { workgroups: 200_000, grid: [50_000, 4] },
  ])('covers $workgroups workgroups', ({ workgroups, grid }) => {
    expect(foldGrid(workgroups, 65535)).toEqual(grid);
  });

  test('refuses a grid beyond both dimensions with the numbers', () => {
    expect(() => foldGrid(101, 10)).toThrow(GpuError);
    expect(() => foldGrid(101, 10)).toThrow(/101 workgroups, the adapter runs 100/);
  });
});

describe('packParams', () => {
  test('writes integers and floats at the positions of the struct, padded to 16 bytes', () => {
    const words = packParams(wgsl.sumRows, { rows: 2, columns: 3, scale: 0.5 });
    expect([...words.subarray(0, 2)]).toEqual([2, 3]);
    expect(new Float32Array(words.buffer)[2]).toBe(0.5);
    expect(words.byteLength).toBe(16);
  });

  test('refuses fractions and negative numbers where the shader counts', () => {
    expect(() => packParams(wgsl.sumRows, { rows: 1.5, columns: 3, scale: 1 })).toThrow(ShapeError);
    expect(() => packParams(wgsl.sumRows, { rows: -1, columns: 3, scale: 1 })).toThrow(
      /rows as u32/,
    );
  });
});
