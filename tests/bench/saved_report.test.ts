import { expect, test } from 'vitest';
import { readReport } from '../../bench/saved_report.ts';
import { FormatError } from '../../src/errors.ts';
import { networkRow, opRow } from '../helpers/bench_rows.ts';

test('a report passes, with rows that failed', () => {
  const report = { adapter: {}, rows: [opRow({ ms: null })], network: [networkRow({})] };
  expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
});

test('anything else is refused', () => {
  const rows = [opRow({})];
  const others = [
    null,
    [],
    { rows, network: [] },
    { adapter: {}, rows: [{ ...rows[0], ms: '3' }], network: [] },
    { adapter: {}, rows: [null], network: [] },
    { adapter: {}, rows, network: {} },
  ];
  for (const json of others) expect(() => readReport(json)).toThrow(FormatError);
});
