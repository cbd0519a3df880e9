import { describe, expect, it } from 'vitest';
import { evaluateCase } from '../../../src/train/metrics/evaluate_case.ts';

const shape = [1, 1, 6] as const;

describe('evaluateCase', () => {
  it('gives the metrics of a case, those in millimetres only if it is told the spacing', () => {
    expect(evaluateCase('a', [0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 1, 0], shape)).toEqual({
      name: 'a',
      dsc: 0.5,
      hd95: expect.closeTo(1.9, 5),
      sens: 0.5,
      ldr: 0.5,
      rve: 0,
      hd95_mm: Number.NaN,
    });
  });

  it('merges all labels above 0, or looks at one of them', () => {
    const prediction = [1, 2, 0, 0, 0, 0];
    const target = [2, 2, 0, 0, 0, 0];
    expect(evaluateCase('a', prediction, target, shape).dsc).toBe(1);
    expect(evaluateCase('a', prediction, target, shape, { label: 2 }).dsc).toBe(2 / 3);
    expect(evaluateCase('a', prediction, target, shape, { label: 1 }).dsc).toBeNaN();
  });

  it('measures distances in voxels, and in millimetres too if it is told the spacing', () => {
    const options = { spacing: [1, 1, 3] as const };
    const metrics = evaluateCase('a', [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], shape, options);
    expect(metrics.hd95_mm).toBe(3);
    expect(metrics.hd95).toBe(1);
  });

  it('names the case whose grids differ', () => {
    expect(() => evaluateCase('scan7', [1], [1, 0], shape)).toThrow(/scan7.*1 and 2/);
  });
});
