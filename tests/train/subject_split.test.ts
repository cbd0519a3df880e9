import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { checkSplit, excludeSubjects, splitSubjects } from '../../src/train/subject_split.ts';

const names = Array.from({ length: 12 }, (_, n) => [`lv_P${n}_ED`, `lv_P${n}_ES`]).flat();
const shares = { validPct: 0.2, testPct: 0.25, seed: 3 };

describe('splitSubjects', () => {
  test('every subject is in exactly one section, the same ones for the same seed', () => {
    const split = splitSubjects(names, shares);
    expect([...split.train, ...split.validation, ...split.test].sort()).toEqual([...names].sort());
    expect([split.validation.length, split.test.length]).toEqual([5, 6]);
    expect(splitSubjects(names, shares)).toEqual(split);
    expect(splitSubjects(names, { ...shares, seed: 4 })).not.toEqual(split);
  });

  test('a patient is never on two sides', () => {
    const split = splitSubjects(names, { ...shares, groupBy: 'lv_(.*)_E[DS]' });
    const patients = [split.train, split.validation, split.test].map(
      (section) => new Set(section.map((name) => name.split('_')[1]!)),
    );
    expect(patients.map(({ size }) => size)).toEqual([7, 2, 3]);
    expect(new Set(patients.flatMap((set) => [...set])).size).toBe(12);
  });

  test('a share above 0 takes at least one, a share of 0 none', () => {
    const split = splitSubjects(['a', 'b', 'c'], { validPct: 0.1, testPct: 0, seed: 0 });
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([2, 1, 0]);
  });

  test('refuses to leave nothing to train on, and an expression that misses a name', () => {
    expect(() => splitSubjects(['a', 'b'], { ...shares })).toThrow(ConfigError);
    expect(() => splitSubjects(names, { ...shares, groupBy: 'P0_(.*)' })).toThrow(/lv_P1_ED/);
    expect(() => splitSubjects(names, { ...shares, groupBy: '(' })).toThrow(/regular expression/);
  });
});

test('excluded subjects are gone, and a pattern that matches nothing is an error', () => {
  expect(excludeSubjects(['a1', 'a2', 'b1'], ['^a'])).toEqual(['b1']);
  expect(() => excludeSubjects(['a1'], ['x'])).toThrow(ConfigError);
});

describe('checkSplit', () => {
  test('passes a split and fills missing sections', () => {
    expect(checkSplit({ train: ['a'] }, ['a', 'b'])).toEqual({
      train: ['a'],
      validation: [],
      test: [],
    });
  });

  test.each([
    [{ train: ['a'], test: ['a'] }, /twice/],
    [{ train: ['z'] }, /lacks/],
    [{ training: ['a'] }, /training/],
    [{ train: 'a' }, /list/],
    [[1], /object/],
  ])('refuses %j', (value, message) => {
    expect(() => checkSplit(value, ['a', 'b'])).toThrow(message);
  });
});
