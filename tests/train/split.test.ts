import { describe, expect, it } from 'vitest';
import { decathlonSplit, fromDfSplit, trainTestSplit } from '../../src/train/split.ts';

describe('decathlonSplit', () => {
  it('gives the sections of MONAI for the 20 labelled hearts', () => {
    expect(decathlonSplit(20)).toEqual({
      training: [10, 17, 6, 13, 4, 2, 5, 14, 9, 7, 16, 11, 3, 0, 15, 12],
      validation: [18, 1, 19, 8],
    });
  });
});

describe('trainTestSplit', () => {
  it('gives the parts of scikit-learn, rounding the test part up', () => {
    const { train, test } = trainTestSplit(16, { testSize: 0.1, randomState: 42 });
    expect(test).toEqual([0, 1]);
    expect(train).toEqual([5, 14, 13, 11, 8, 9, 2, 15, 4, 7, 10, 12, 3, 6]);
  });

  it('takes a whole number of test items', () => {
    expect(trainTestSplit(16, { testSize: 3, randomState: 0 }).test).toHaveLength(3);
  });

  it('splits a list of any type as its indices', () => {
    const records = Array.from({ length: 16 }, (_, n) => ({ image: `${n}.nii.gz` }));
    const options = { testSize: 0.1, randomState: 42 };
    const { train, test } = trainTestSplit(records, options);
    const indices = trainTestSplit(16, options);
    expect(test).toEqual(indices.test.map((index) => records[index]));
    expect(train).toEqual(indices.train.map((index) => records[index]));
    expect(train[0]).toBe(records[5]);
  });

  it('sizes the parts as scikit-learn: the training part is rounded down, and need not take all', () => {
    const sizes = (count: number, options: { testSize?: number; trainSize?: number }) => {
      const { train, test } = trainTestSplit(count, { ...options, randomState: 0 });
      return [train.length, test.length];
    };
    expect(sizes(10, {})).toEqual([7, 3]);
    expect(sizes(10, { trainSize: 0.75 })).toEqual([7, 3]);
    expect(sizes(10, { trainSize: 2 })).toEqual([2, 8]);
    expect(sizes(10, { trainSize: 0.55, testSize: 0.25 })).toEqual([5, 3]);
    const both = trainTestSplit(10, { trainSize: 3, testSize: 3, randomState: 0 });
    const one = trainTestSplit(10, { testSize: 3, randomState: 0 });
    expect(both).toEqual({ test: one.test, train: one.train.slice(0, 3) });
    expect(() => sizes(10, { trainSize: 8, testSize: 3 })).toThrow(/too large together/);
    expect(() => sizes(10, { trainSize: 0.05 })).toThrow(/empty/);
  });

  it('refuses to leave one part empty', () => {
    expect(() => trainTestSplit(1, { testSize: 0.5, randomState: 0 })).toThrow(/empty/);
    expect(() => trainTestSplit(4, { testSize: 0, randomState: 0 })).toThrow(/empty/);
    expect(() => trainTestSplit(4, { testSize: 4, randomState: 0 })).toThrow(/empty/);
  });
});

describe('fromDfSplit', () => {
  it('keeps validation rows in draw order and training rows ascending', () => {
    const { train, valid } = fromDfSplit(30, { validPct: 0.2, seed: 0 });
    expect(valid).toEqual([2, 28, 13, 10, 26, 24]);
    expect(train).toHaveLength(24);
    expect(train).toEqual(train.toSorted((a, b) => a - b));
  });

  it('leaves 13 training hearts and 1 for validation, as in the tutorial', () => {
    const { train, valid } = fromDfSplit(14, { validPct: 0.1, seed: 42 });
    expect(valid).toEqual([9]);
    expect(train).toHaveLength(13);
  });

  it('refuses what is not a fraction', () => {
    expect(() => fromDfSplit(5, { validPct: 1.5, seed: 0 })).toThrow(/1\.5/);
  });
});
