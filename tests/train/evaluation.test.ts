import { describe, expect, test } from 'vitest';
import { FormatError, ShapeError } from '../../src/errors.ts';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { caseMetrics, evaluation, labelValues, metricsTable } from '../../src/train/evaluation.ts';

const labels = (values: number[]) =>
  volume(Float32Array.from(values), [1, values.length, 1, 1], identityAffine());

describe('caseMetrics', () => {
  test('compares one label, or everything above 0', () => {
    const prediction = labels([0, 1, 1, 2, 0]);
    const target = labels([0, 1, 2, 2, 0]);
    expect(caseMetrics(prediction, target).dsc).toBe(1);
    expect(caseMetrics(prediction, target, 1)).toMatchObject({ dsc: 2 / 3, sens: 1, rve: 1 });
    expect(caseMetrics(prediction, target, 2)).toMatchObject({ dsc: 2 / 3, sens: 0.5, rve: -0.5 });
  });

  test('an empty target has no metric, an empty prediction has no distance', () => {
    expect(Object.values(caseMetrics(labels([1, 0]), labels([0, 0])))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(caseMetrics(labels([0, 0]), labels([1, 0]))).toEqual({
      dsc: 0,
      hd95: null,
      sens: 0,
      ldr: 0,
      rve: -1,
    });
  });

  test('refuses grids of different shape', () => {
    expect(() => caseMetrics(labels([0]), labels([0, 1]))).toThrow(ShapeError);
  });
});

test('mean and sample deviation leave out what does not exist', () => {
  const row = { hd95: null, sens: 1, ldr: 1, rve: 0 };
  const table = metricsTable([
    { name: 'a', dsc: 0.5, ...row },
    { name: 'b', dsc: 1, ...row },
    { name: 'c', dsc: null, ...row },
  ]);
  expect(table.mean).toEqual({ dsc: 0.75, hd95: null, sens: 1, ldr: 1, rve: 0 });
  expect(table.std.dsc).toBeCloseTo(0.25 * Math.SQRT2, 12);
});

test('several labels have a table each; a case without one of them has nulls there', () => {
  const metrics = { dsc: 0.8, hd95: 1, sens: 1, ldr: 1, rve: 0 };
  const result = evaluation(
    [
      {
        name: 'a',
        byLabel: new Map([
          [1, metrics],
          [2, { ...metrics, dsc: 0.6 }],
        ]),
      },
      { name: 'b', byLabel: new Map([[1, metrics]]) },
    ],
    [1, 2],
  );
  expect(result.cases.map(({ dsc }) => dsc)).toEqual([0.7, 0.8]);
  expect(result.classes?.['2']?.cases[1]?.dsc).toBe(null);
  expect(result.classes?.['2']?.mean.dsc).toBe(0.6);
});

test('label values are the whole numbers above 0 that occur', () => {
  expect(labelValues(labels([0, 2, 2, 1, 0]))).toEqual([1, 2]);
  expect(() => labelValues(labels([0.5]))).toThrow(FormatError);
  expect(() => labelValues(labels([Number.NaN]))).toThrow(FormatError);
});
