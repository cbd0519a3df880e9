import { expect, test } from 'vitest';
import { compareReports } from '../../bench/compare.ts';
import type { Report } from '../../bench/report.ts';
import { comparisonText, number, reportText } from '../../bench/table.ts';
import { networkRow, opRow } from '../helpers/bench_rows.ts';

const report: Report = {
  voxgrad: '0.1.0',
  commit: 'abc1234',
  date: '2026-11-23T10:00:00.000Z',
  adapter: {
    vendor: 'mesa',
    architecture: '',
    device: 'llvmpipe',
    description: '',
    software: true,
  },
  ceilings: {
    fma_gflops: 61.23,
    copy_gbps: 3.9,
    fma_loop: '20 scalar chains',
    copy_loop: '4 vec4 per thread',
    fma_spread: 0.01,
    copy_spread: 0.02,
  },
  rows: [
    opRow({ variant: 'naive', ms: 4 }),
    opRow({ ms: 2 }),
    opRow({ variant: 'tiled', ms: null, error: 'wrong: off by 2' }),
  ],
  network: [
    networkRow({
      what: 'training_step',
      base_bytes: 2 ** 19,
      kernels: [{ name: 'conv3d_forward', dispatches: 3, milliseconds: 5, bytes: 2 ** 20 }],
    }),
  ],
};

test('the text names adapter and ceilings, and the speed of a variant against the first', () => {
  const text = reportText(report);
  expect(text).toContain('mesa, llvmpipe (software)');
  expect(text).toContain('61.2 GFLOP/s (20 scalar chains, ±1 %)');
  expect(text).toMatch(/naive +4\.00 .* 1\.00x$/m);
  expect(text).toMatch(/shipped +2\.00 .* 2\.00x$/m);
  expect(text).toMatch(/conv3d_forward +5\.00 +100 % +3 +1 MiB/);
});

test('a failed row shows no number, and its reason stands at the end', () => {
  const text = reportText(report);
  expect(text).toMatch(/tiled +FAILED .* -$/m);
  expect(text.trimEnd()).toMatch(/FAILED add forward .*tiled: wrong: off by 2$/);
});

test('without variants to compare there is no such column', () => {
  const text = reportText({ ...report, rows: [opRow({})], network: [] });
  expect(text).not.toContain('variant');
  expect(text).not.toContain('network');
});

test('a comparison says what changed, or that nothing was measured before', () => {
  const text = comparisonText(compareReports(report, report), 'before.json');
  expect(text).toContain('against before.json');
  expect(text).toMatch(/add forward .* 1\.00x +±0\.14 +same/);
  expect(comparisonText([], 'before.json')).toContain('before.json');
});

test('numbers keep three digits that count', () => {
  expect([0.01234, 1.2345, 12.345, 1234.5].map(number)).toEqual(['0.0123', '1.23', '12.3', '1235']);
  expect(number(null)).toBe('-');
});
