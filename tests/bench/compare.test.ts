import { expect, test } from 'vitest';
import { compareReports } from '../../bench/compare.ts';
import { networkRow, opRow } from '../helpers/bench_rows.ts';

const report = (ms: number, spread: number) => ({
  rows: [opRow({ ms, spread })],
  network: [networkRow({ ms: 10 * ms, spread })],
});

test('the ratio is above 1 for what became faster, with the spread of both', () => {
  const [op, network] = compareReports(report(4, 0.03), report(2, 0.04));
  expect(op).toMatchObject({ ms_before: 4, ms: 2, ratio: 2, verdict: 'faster' });
  expect(op!.spread).toBeCloseTo(2 * 0.05);
  expect(network).toMatchObject({ ratio: 2, verdict: 'faster' });
  expect(compareReports(report(2, 0.03), report(4, 0.04))[0]!.verdict).toBe('slower');
});

test('a difference within the noise is none', () => {
  expect(compareReports(report(2.2, 0.1), report(2, 0.1))[0]!.verdict).toBe('same');
  expect(compareReports(report(2, 0.1), report(2.2, 0.1))[0]!.verdict).toBe('same');
});

test('rows are matched by what they measure; failed and unknown ones are left out', () => {
  const before = {
    rows: [
      opRow({ ms: 1, batch: 4 }),
      opRow({ ms: 8, variant: 'naive' }),
      opRow({ ms: null, pass: 'backward' }),
    ],
    network: [],
  };
  const after = {
    rows: [
      opRow({ ms: 2 }),
      opRow({ ms: 2, variant: 'naive', layer: 'renamed' }),
      opRow({ pass: 'backward' }),
    ],
    network: [networkRow({})],
  };
  const found = compareReports(before, after);
  expect(found.map(({ ratio }) => ratio)).toEqual([4]);
  expect(found[0]!.name).toContain('naive');
});
