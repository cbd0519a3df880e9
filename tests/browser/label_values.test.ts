import { describe, expect, it } from 'vitest';
import { classNamesFor, labelValues, toClasses } from '../../src/browser/label_values.ts';
import { ConfigError, FormatError } from '../../src/errors.ts';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';

const labels = (...values: number[]) =>
  volume(Float32Array.from(values), [1, values.length, 1, 1], identityAffine());

describe('labelValues', () => {
  it('counts the voxels of each value, ascending', () => {
    expect([...labelValues(labels(0, 3, 3, 1, 0, 3), 'x')]).toEqual([
      [0, 2],
      [1, 1],
      [3, 3],
    ]);
  });

  it('refuses an image in place of a label map, naming the file', () => {
    for (const value of [0.5, -1, Number.NaN]) {
      expect(() => labelValues(labels(0, value), 'scan 7')).toThrow(/^scan 7: .*no whole number/);
    }
    const image = labels(...Array.from({ length: 200 }, (_, n) => n));
    expect(() => labelValues(image, 'scan 7')).toThrow(FormatError);
  });
});

describe('toClasses', () => {
  it('numbers values without gaps', () => {
    const classes = { binary: false, values: [0, 2, 5] };
    expect([...toClasses(labels(0, 5, 2), classes, 'x').data]).toEqual([0, 2, 1]);
  });

  it('leaves values without gaps as they are', () => {
    const given = labels(0, 2, 1);
    expect(toClasses(given, { binary: false, values: [0, 1, 2] }, 'x')).toBe(given);
  });

  it('makes one class of all labels', () => {
    const classes = { binary: true, values: [0, 2, 5] };
    expect([...toClasses(labels(0, 5, 2), classes, 'x').data]).toEqual([0, 1, 1]);
  });

  it('refuses a value without a class', () => {
    const classes = { binary: false, values: [0, 1] };
    expect(() => toClasses(labels(0, 4), classes, 'case_1')).toThrow(/^case_1: .*Got 4/);
  });
});

describe('classNamesFor', () => {
  it('names classes that have no name', () => {
    expect(classNamesFor(2)).toEqual(['background', 'foreground']);
    expect(classNamesFor(3, ['', ' head '])).toEqual(['background', 'head', 'class_2']);
  });

  it('refuses a name that is there twice', () => {
    expect(() => classNamesFor(3, ['', 'a', 'a'])).toThrow(ConfigError);
  });
});
