import { expect, test } from 'vitest';
import { evaluationMetrics } from '../../../src/node/mlflow/evaluation_metrics.ts';
import { labelledEvaluation, labelledEvaluationJson } from '../../../src/train/evaluation.ts';

const metrics = (dsc: number) => ({ dsc, hd95: Number.NaN, hd95_mm: 3, sens: 1, ldr: 1, rve: 0 });

test('means carry the prefix, and what does not exist is left out', () => {
  const byLabel = new Map([[1, metrics(0.5)]]);
  const json = labelledEvaluationJson(labelledEvaluation([{ name: 'a', byLabel }], [1]));
  const named = evaluationMetrics(JSON.parse(JSON.stringify(json)), 'test_');
  expect(named).toMatchObject({ test_dsc: 0.5, test_sens: 1 });
  expect(named).not.toHaveProperty('test_hd95');
  expect(Object.keys(named).some((name) => name.includes('class'))).toBe(false);
});

test('several classes are named by their label', () => {
  const byLabel = new Map([
    [1, metrics(0.5)],
    [3, metrics(0.75)],
  ]);
  const json = labelledEvaluationJson(labelledEvaluation([{ name: 'a', byLabel }], [1, 3]));
  const named = evaluationMetrics(JSON.parse(JSON.stringify(json)));
  expect(named).toMatchObject({ dsc: 0.625, dsc_class_1: 0.5, dsc_class_3: 0.75 });
});

test('anything else is refused', () => {
  expect(() => evaluationMetrics({ cases: [] })).toThrow('metrics.json of evaluate');
});
