import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import type { Triple } from '../../src/shape.ts';
import type { FileFacts } from '../../src/train/file_facts.ts';
import { MedDataset } from '../../src/train/med_dataset.ts';

const file = (path: string, dim: Triple, voxel: Triple, orientation = 'RAS+'): FileFacts => ({
  path,
  dim,
  voxel,
  orientation,
  storedOrientation: orientation,
  channels: 1,
});

/** Seven images, and what pandas and NumPy say of them at 2 × 2 × 4 mm. */
const SEVEN = new MedDataset([
  file('0', [63, 85, 306], [1.37, 0.8, 1.37]),
  file('1', [243, 166, 236], [0.8, 2, 1.25]),
  file('2', [138, 149, 218], [2, 2, 2]),
  file('3', [92, 190, 99], [1, 1.25, 0.8]),
  file('4', [84, 315, 125], [1.25, 1.25, 1.37]),
  file('5', [81, 327, 265], [2, 2, 2]),
  file('6', [223, 70, 137], [1, 0.8, 0.8]),
]);

describe('getSizeStatistics', () => {
  test('resamples sizes to a spacing, in the arithmetic of the original', () => {
    expect(SEVEN.getSizeStatistics([2, 2, 4])).toEqual({
      count: 7,
      median: [81, 149, 73],
      min: [43, 28, 19],
      max: [138, 327, 132],
      std: [33.62579185017091, 94.80786155295824, 40.9310021716487],
      percentile10: [44.8, 31.6, 23.8],
      percentile90: [121.80000000000001, 248.40000000000003, 118.2],
    });
  });

  test('or takes them as they are', () => {
    const { median, max } = SEVEN.getSizeStatistics();
    expect(median).toEqual([92, 166, 218]);
    expect(max).toEqual([243, 327, 306]);
  });

  test('refuses a spacing that is not above 0', () => {
    expect(() => SEVEN.getSizeStatistics([1, 0, 1])).toThrow(ConfigError);
  });
});

describe('getSuggestion', () => {
  test('takes the most frequent spacing of each axis, of equally frequent ones the smallest', () => {
    expect(SEVEN.getSuggestion()).toEqual({ targetSpacing: [1, 2, 0.8], applyReorder: false });
  });

  test('includes a patch size if asked to', () => {
    const one = [file('a', [100, 70, 10], [1, 1, 5]), file('b', [120, 70, 12], [1, 1, 5])];
    const dataset = new MedDataset(one, { applyReorder: true });
    expect(dataset.getSuggestion({ includePatchSize: true })).toEqual({
      targetSpacing: [1, 1, 5],
      applyReorder: true,
      patchSize: [96, 64, 32],
    });
  });
});

describe('summary', () => {
  test('groups equal grids, the largest group first, with the first path of each', () => {
    const dataset = new MedDataset([
      file('c', [10, 10, 5], [1, 1, 2]),
      file('e', [10, 10, 4], [1, 1, 2]),
      file('b', [10, 10, 5], [1, 1, 2]),
      file('d', [9, 10, 5], [1, 1, 2]),
    ]);
    expect(dataset.summary()).toEqual([
      { dim: [10, 10, 5], voxel: [1, 1, 2], orientation: 'RAS+', examplePath: 'b', total: 2 },
      { dim: [9, 10, 5], voxel: [1, 1, 2], orientation: 'RAS+', examplePath: 'd', total: 1 },
      { dim: [10, 10, 4], voxel: [1, 1, 2], orientation: 'RAS+', examplePath: 'e', total: 1 },
    ]);
  });
});

describe('files that cannot be read', () => {
  const bad = { path: 'x', error: 'truncated' };

  test('are rows, and count for nothing else', () => {
    const dataset = new MedDataset([bad, file('a', [8, 8, 8], [1, 1, 1])]);
    expect(dataset.unreadable()).toEqual([bad]);
    expect(dataset.summary()).toHaveLength(1);
    expect(dataset.getSizeStatistics().count).toBe(1);
  });

  test('alone leave nothing to analyse', () => {
    for (const rows of [[bad], []]) {
      const dataset = new MedDataset(rows);
      expect(() => dataset.getSizeStatistics()).toThrow(ConfigError);
      expect(() => dataset.getSuggestion()).toThrow(ConfigError);
      expect(dataset.summary()).toEqual([]);
    }
  });
});

test('files of different orientations are refused, with the way out', () => {
  const rows = [file('a', [8, 8, 8], [1, 1, 1], 'RAS+'), file('b', [8, 8, 8], [1, 1, 1], 'LPS+')];
  expect(() => new MedDataset(rows)).toThrow(/LPS\+, RAS\+.*applyReorder/);
});
