import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import {
  labelledEvaluation,
  labelledEvaluationJson,
  labelledEvaluationText,
  labelValues,
} from '../../src/train/evaluation.ts';

const metrics = { dsc: 0.8, hd95: 1, sens: 1, ldr: 1, rve: 0, hd95_mm: 2 };
const cases = [
  {
    name: 'a',
    byLabel: new Map([
      [1, metrics],
      [2, { ...metrics, dsc: 0.6, hd95: Number.NaN }],
    ]),
  },
  { name: 'b', byLabel: new Map([[1, metrics]]) },
];

describe('labelledEvaluation', () => {
  test('the overall table is the mean over what a case has', () => {
    const result = labelledEvaluation(cases, [1, 2]);
    expect(result.cases.map(({ dsc }) => dsc)).toEqual([0.7, 0.8]);
    expect(result.cases.map(({ hd95 }) => hd95)).toEqual([1, 1]);
    expect(result.mean.hd95_mm).toBe(2);
  });

  test('several labels have a table each; a case without one of them has nulls there', () => {
    const json = labelledEvaluationJson(labelledEvaluation(cases, [1, 2]));
    expect(Object.keys(json)).toEqual(['cases', 'mean', 'std', 'classes']);
    expect(json.classes?.['2']?.cases[1]).toEqual({
      name: 'b',
      dsc: null,
      hd95: null,
      sens: null,
      ldr: null,
      rve: null,
      hd95_mm: null,
    });
    expect(json.classes?.['2']?.mean.dsc).toBe(0.6);
  });

  test('labels have their names, where those are known, in JSON and in text', () => {
    const result = labelledEvaluation(cases, [1, 2], new Map([[2, 'vein']]));
    const { classes } = labelledEvaluationJson(result);
    expect(classes?.['1']?.name).toBe('label 1');
    expect(Object.keys(classes!['2']!)).toEqual(['name', 'cases', 'mean', 'std']);
    expect(classes?.['2']?.name).toBe('vein');
    expect(labelledEvaluationText(result)).toMatch(/^label 1\n[\s\S]*\nvein \(2\)\n/);
  });

  test('one label has the contract alone', () => {
    const json = labelledEvaluationJson(labelledEvaluation(cases, [1]));
    expect(Object.keys(json)).toEqual(['cases', 'mean', 'std']);
  });

  test('a case without any label has no metric', () => {
    const json = labelledEvaluationJson(
      labelledEvaluation([{ name: 'c', byLabel: new Map() }], []),
    );
    expect(json.cases[0]?.dsc).toBe(null);
    expect(json.mean.dsc).toBe(null);
  });

  test('text has a block per label', () => {
    const text = labelledEvaluationText(labelledEvaluation(cases, [1, 2]));
    expect(text.match(/mean ± std/g)?.length).toBe(3);
    expect(text).toContain('mean over labels');
  });
});

test('label values are the whole numbers above 0 that occur', () => {
  expect(labelValues([0, 2, 2, 1, 0])).toEqual([1, 2]);
  expect(labelValues([0, 0])).toEqual([]);
  expect(() => labelValues([0.5])).toThrow(FormatError);
  expect(() => labelValues([-1])).toThrow(FormatError);
  expect(() => labelValues([Number.NaN])).toThrow(FormatError);
});
