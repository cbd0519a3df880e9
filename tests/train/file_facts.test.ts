import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { volume } from '../../src/io/volume.ts';
import { describeGrid, describeVolume, roundTo4 } from '../../src/train/file_facts.ts';

const scan = (values: readonly number[], shape: readonly number[] = [1, 2, 3, 1]) =>
  volume(Float32Array.from(values), shape, fromSpacing([0.5, 1.3700000048, 8]));

const labels = { kind: 'mask', applyReorder: false } as const;
const image = { kind: 'image', applyReorder: false } as const;

test('decimals are rounded as NumPy rounds them, ties to the even digit', () => {
  expect([0.78125, 0.46875, 1.3700000048, 0.9765625, 2].map(roundTo4)).toEqual([
    0.7812, 0.4688, 1.37, 0.9766, 2,
  ]);
});

describe('describeGrid', () => {
  const stored = toOrientation(scan([1, 2, 3, 4, 5, 6]), 'SPL');

  test('says what the file has', () => {
    expect(describeGrid('a.nii', stored, false)).toEqual({
      path: 'a.nii',
      dim: [1, 3, 2],
      voxel: [8, 1.37, 0.5],
      orientation: 'SPL+',
      storedOrientation: 'SPL+',
      channels: 1,
    });
  });

  test('or what it has after reordering', () => {
    const facts = describeGrid('a.nii', stored, true);
    expect(facts.dim).toEqual([2, 3, 1]);
    expect(facts.voxel).toEqual([0.5, 1.37, 8]);
    expect(facts.orientation).toBe('RAS+');
    expect(facts.storedOrientation).toBe('SPL+');
  });
});

describe('describeVolume', () => {
  test('label volumes are voxels times the size of one, above 0 only', () => {
    const { labelVolumes, intensities } = describeVolume('a', scan([2, 0, 2, 1, 2, -1]), labels);
    const voxel = 0.5 * 1.3700000048 * 8;
    expect([...labelVolumes!]).toEqual([
      [1, roundTo4(voxel)],
      [2, roundTo4(3 * voxel)],
    ]);
    expect(intensities).toBeUndefined();
  });

  test('a label that is no whole number is refused', () => {
    expect(() => describeVolume('a', scan([0, 0.5, 0, 0, 0, 0]), labels)).toThrow(FormatError);
    expect(() => describeVolume('a', scan([0, Number.NaN, 0, 0, 0, 0]), labels)).toThrow(/NaN/);
  });

  test('intensities are those of each channel', () => {
    const values = [1, 2, 3, 4, 5, 6, 10, 10, 10, 10, 10, 10];
    const { intensities, labelVolumes } = describeVolume('a', scan(values, [2, 2, 3, 1]), image);
    expect(intensities).toEqual([
      { min: 1, max: 6, mean: 3.5, std: expect.closeTo(Math.sqrt(35 / 12), 12), nonFinite: 0 },
      { min: 10, max: 10, mean: 10, std: 0, nonFinite: 0 },
    ]);
    expect(labelVolumes).toBeUndefined();
  });

  test('values that are not finite are counted and left out', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, 1, 3, 1, 3];
    expect(describeVolume('a', scan(values), image).intensities?.[0]).toEqual({
      min: 1,
      max: 3,
      mean: 2,
      std: 1,
      nonFinite: 2,
    });
    const nothing = describeVolume('a', scan(new Array(6).fill(Number.NaN)), image);
    expect(nothing.intensities?.[0]).toMatchObject({ min: Number.NaN, nonFinite: 6 });
  });
});
