import { describe, expect, test } from 'vitest';
import type { BenchCase, Launch } from '../../bench/case.ts';
import { failedRows, resultsOf, runCase } from '../../bench/harness.ts';
import { fill } from '../../src/kernels/fill.ts';
import { testGpu } from '../helpers/gpu.ts';

const FAST = { minRuns: 2, maxRuns: 2, budgetMs: 0 };
const SIZE = 1000;

const filled =
  (value: number, size = SIZE): Launch =>
  (scope) => {
    const y = scope.tensor([size]);
    fill(scope, y, value);
    return [y];
  };

/** An op whose right result is 3 everywhere. */
function threes(variants: Readonly<Record<string, Launch>>): BenchCase {
  return {
    op: 'threes',
    pass: 'forward',
    layer: 'test',
    kernel: null,
    stride: null,
    inChannels: null,
    outChannels: null,
    shape: [SIZE],
    batch: 1,
    flops: 1e6,
    bytes: 4e6,
    variants: Object.keys(variants),
    setUp: ({ gpu }) => ({ expected: () => resultsOf(gpu, filled(3)), variants }),
  };
}

describe('runCase', () => {
  test('a right kernel gets a time, and rates that follow from it', async () => {
    const gpu = await testGpu();
    const [row, ...others] = await runCase(gpu, threes({ shipped: filled(3) }), ['shipped'], FAST);
    expect(others).toEqual([]);
    expect(row!.error).toBe(undefined);
    expect(row!.ms).toBeGreaterThan(0);
    expect(row!.gflops! * row!.ms!).toBeCloseTo(1, 6);
    expect(row!.gbps! * row!.ms!).toBeCloseTo(4, 6);
  });

  test('a wrong kernel gets no number, and the right one beside it does', async () => {
    const gpu = await testGpu();
    const variants = {
      shipped: filled(3),
      inexact: filled(3.01),
      undefined: filled(Number.NaN),
      short: filled(3, SIZE - 1),
      broken: () => {
        throw new Error('does not compile');
      },
      silent: ((scope) => [scope.tensor([SIZE])]) satisfies Launch,
    };
    const rows = await runCase(gpu, threes(variants), Object.keys(variants), FAST);
    const errors = new Map(rows.map((row) => [row.variant, row.error]));
    expect(errors.get('shipped')).toBe(undefined);
    expect(errors.get('inexact')).toContain('off by 3.3e-3');
    expect(errors.get('undefined')).toContain('off by NaN');
    expect(errors.get('short')).toContain('wrong');
    expect(errors.get('broken')).toBe('does not compile');
    // The pool hands it the memory of the right results: it must not find them there.
    expect(errors.get('silent')).toContain('wrong');
    for (const row of rows) expect(row.ms === null, row.variant).toBe(row.variant !== 'shipped');
  });

  test('variants that a case has not are left out', async () => {
    const gpu = await testGpu();
    expect(await runCase(gpu, threes({ shipped: filled(3) }), ['naive'], FAST)).toEqual([]);
    const [row] = failedRows(threes({ shipped: filled(3) }), ['naive', 'shipped'], 'no memory');
    expect(row).toMatchObject({ variant: 'shipped', ms: null, error: 'no memory' });
  });
});
