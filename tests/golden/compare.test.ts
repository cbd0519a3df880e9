import { describe, expect, it } from 'vitest';
import type { GoldenArray } from './case.ts';
import { compareOutput, globalGradientMaximum, ruleFor, type Tolerance } from './compare.ts';

const floats = (...values: number[]): GoldenArray => ({
  data: Float32Array.from(values),
  shape: [values.length],
});
const labels = (...values: number[]): GoldenArray => ({
  data: Uint8Array.from(values),
  shape: [values.length],
});

function judge(
  expected: GoldenArray,
  got: number[],
  tolerance: Tolerance,
  name = 'y',
  where?: (index: number) => boolean,
) {
  const rule = ruleFor(name, expected, tolerance, 0);
  return compareOutput(name, { data: got, ...(where ? { where } : {}) }, expected, rule);
}

describe('rel_max', () => {
  it('scales with the largest reference value, not with each element', () => {
    expect(judge(floats(0, 100), [0.0009, 100], { rel_max: 1e-5 }).passed).toBe(true);
    expect(judge(floats(0, 100), [0.0011, 100], { rel_max: 1e-5 }).passed).toBe(false);
  });

  it('adds the absolute floor', () => {
    expect(judge(floats(0, 0), [5e-8, 0], { rel_max: 1e-5, abs: 1e-7 }).passed).toBe(true);
    expect(judge(floats(0, 0), [2e-7, 0], { rel_max: 1e-5, abs: 1e-7 }).passed).toBe(false);
  });

  it('names the first wrong element', () => {
    const comparison = judge(floats(1, 2, 4), [1, 2.5, 3], { rel_max: 1e-5 });
    expect(comparison.detail).toBe('y: first at 1: got 2.5, expected 2');
    expect(comparison.error).toBe(1);
  });

  it('fails for a wrong number of values', () => {
    expect(judge(floats(1, 2), [1, 2, 3], { rel_max: 1 }).passed).toBe(false);
    expect(judge(floats(1, 2), [], { rel_max: 1 }).passed).toBe(false);
  });
});

describe('NaN and infinities', () => {
  it('match themselves', () => {
    const expected = floats(Number.NaN, Number.POSITIVE_INFINITY, 1);
    expect(
      judge(expected, [Number.NaN, Number.POSITIVE_INFINITY, 1], { rel_max: 1e-5 }).passed,
    ).toBe(true);
  });

  it('match nothing else', () => {
    const tolerance = { rel_max: 1e-5 };
    expect(judge(floats(1), [Number.NaN], tolerance).passed).toBe(false);
    expect(judge(floats(Number.NaN), [0], tolerance).passed).toBe(false);
    expect(
      judge(floats(Number.POSITIVE_INFINITY), [Number.NEGATIVE_INFINITY], tolerance).passed,
    ).toBe(false);
    expect(judge(floats(Number.POSITIVE_INFINITY), [3e38], tolerance).passed).toBe(false);
  });

  it('do not widen the bound of the other elements', () => {
    const expected = floats(Number.POSITIVE_INFINITY, 1);
    expect(judge(expected, [Number.POSITIVE_INFINITY, 1.1], { rel_max: 1e-5 }).passed).toBe(false);
  });
});

describe('exact and labels', () => {
  it('exact rounds to the stored float32 and allows no other difference', () => {
    expect(judge(floats(0.1), [0.1], { exact: true }).passed).toBe(true);
    expect(judge(floats(0.1), [0.10000002], { exact: true }).passed).toBe(false);
    expect(judge(labels(1, 2), [1, 3], { exact: true }).error).toBe(0.5);
  });

  it('exact_fields holds the named outputs only', () => {
    const tolerance = { rel_max: 1e-3, exact_fields: ['index'] };
    expect(judge(floats(1), [1.0005], tolerance, 'map').passed).toBe(true);
    expect(judge(floats(1), [1.0005], tolerance, 'index').passed).toBe(false);
  });

  it('mismatch_frac is for label maps; float outputs keep rel_max', () => {
    const tolerance = { rel_max: 1e-5, mismatch_frac: 0.25 };
    expect(judge(labels(0, 1, 1, 0), [0, 1, 1, 1], tolerance).passed).toBe(true);
    expect(judge(labels(0, 1, 1, 0), [0, 1, 0, 1], tolerance).passed).toBe(false);
    expect(judge(floats(0, 1, 1, 0), [0, 1, 1, 1], tolerance).passed).toBe(false);
  });

  it('integers without mismatch_frac are exact', () => {
    expect(judge(labels(200), [201], { rel_max: 0.1 }).passed).toBe(false);
  });

  it('where leaves out elements from the count and from the fraction', () => {
    const skipLast = (index: number) => index < 3;
    const tolerance = { mismatch_frac: 0 };
    expect(judge(labels(0, 1, 1, 0), [0, 1, 1, 9], tolerance, 'y', skipLast).passed).toBe(true);
    expect(judge(labels(0, 1, 1, 0), [0, 1, 0, 0], tolerance, 'y', skipLast).error).toBeCloseTo(
      1 / 3,
    );
  });
});

describe('network tolerances', () => {
  const tolerance = { rel_max: 1e-4, grad_rel_to_global_max: 1e-4, loss_abs: 1e-5 };

  it('gradients share the bound of the largest gradient of the case', () => {
    const large = floats(10);
    const tiny = floats(1e-9);
    const globalMax = globalGradientMaximum([
      ['grad:a', large],
      ['grad:b', tiny],
      ['logits', floats(1000)],
    ]);
    const rule = ruleFor('grad:b', tiny, tolerance, globalMax);
    expect(rule).toEqual({ kind: 'close', bound: 1e-3 });
    expect(compareOutput('grad:b', { data: [5e-4] }, tiny, rule).passed).toBe(true);
    expect(compareOutput('grad:b', { data: [2e-3] }, tiny, rule).passed).toBe(false);
  });

  it('loss, losses and final weights have absolute bounds of their own', () => {
    expect(judge(floats(100), [100.001], tolerance, 'loss').passed).toBe(false);
    expect(judge(floats(1), [1.0001], { losses_abs: 2e-4 }, 'losses').passed).toBe(true);
    expect(judge(floats(1), [1.0003], { losses_abs: 2e-4 }, 'losses').passed).toBe(false);
    expect(judge(floats(1), [1.003], { final_abs: 2e-3 }, 'final:w').passed).toBe(false);
  });

  it('an output without any bound is held to float32 rounding', () => {
    expect(judge(floats(0.1), [0.1], { losses_abs: 1 }, 'lr').passed).toBe(true);
    expect(judge(floats(0.1), [0.1001], { losses_abs: 1 }, 'lr').passed).toBe(false);
  });

  it('refuses a tolerance key that it does not know', () => {
    const unknown = { rel_mean: 1 } as unknown as Tolerance;
    expect(() => ruleFor('y', floats(1), unknown, 0)).toThrow("unknown tolerance key 'rel_mean'");
  });
});
