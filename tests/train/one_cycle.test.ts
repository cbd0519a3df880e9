import { describe, expect, it } from 'vitest';
import { oneCycle } from '../../src/train/one_cycle.ts';
import { expectClose } from '../helpers/close.ts';

describe('oneCycle', () => {
  it('gives the learning rates and momenta of fastai, batch for batch', () => {
    const values = Array.from({ length: 8 }, (_, batch) => oneCycle(batch / 8, { lrMax: 3e-4 }));
    expectClose(
      values.map(({ lr }) => lr),
      [1.2e-5, 1.56e-4, 3e-4, 2.79904e-4, 2.250008e-4, 1.500015e-4, 7.500225e-5, 2.009899e-5],
      { rtol: 1e-6, atol: 0 },
    );
    expectClose(
      values.map(({ momentum }) => momentum),
      [0.95, 0.9, 0.85, 0.85669873, 0.875, 0.9, 0.925, 0.94330127],
      { rtol: 1e-7, atol: 0 },
    );
  });

  it('starts at lrMax / div and would end at lrMax / divFinal', () => {
    expect(oneCycle(0, { lrMax: 1, div: 10 }).lr).toBeCloseTo(0.1, 12);
    expect(oneCycle(1, { lrMax: 1, divFinal: 1000 }).lr).toBeCloseTo(0.001, 12);
    expect(oneCycle(0.5, { lrMax: 1, pctStart: 0.5 })).toEqual({ lr: 1, momentum: 0.85 });
  });

  it('refuses a position outside the run', () => {
    expect(() => oneCycle(1.01, { lrMax: 1 })).toThrow(/1\.01/);
    expect(() => oneCycle(Number.NaN, { lrMax: 1 })).toThrow(/NaN/);
  });
});
