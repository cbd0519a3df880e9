import { expect, it } from 'vitest';
import { plotMetrics } from '../../../src/node/figure/plot_metrics.ts';
import { labelledEvaluation } from '../../../src/train/evaluation.ts';
import type { Metrics } from '../../../src/train/metrics/evaluate_case.ts';

const metrics = (dsc: number): Metrics => ({
  dsc,
  hd95: Number.NaN,
  sens: dsc,
  ldr: 1,
  rve: -0.1,
  hd95_mm: 2,
});
const cases = [0.7, 0.8, 0.9].map((dsc, n) => ({
  name: `case ${n}`,
  byLabel: new Map([
    [1, metrics(dsc)],
    [2, metrics(dsc / 2)],
  ]),
}));
const names = new Map([
  [1, 'left'],
  [2, '</text><script>'],
]);

it('has a panel for each metric that is defined, and a box for each label', async () => {
  const svg = await plotMetrics(labelledEvaluation(cases, [1, 2], names));
  for (const title of ['DSC', 'Sens', 'LDR', 'RVE', 'HD95 (mm)']) expect(svg).toContain(title);
  expect(svg).not.toContain('HD95 (voxels)');
  expect(svg.match(/>left</g)).toHaveLength(5);
  expect(svg).toContain('#e69f00');
  expect(svg).toContain('#56b4e9');
});

it('is an element for a page: nothing from elsewhere, no markup from names, text in the page’s colour', async () => {
  const svg = await plotMetrics(labelledEvaluation(cases, [1, 2], names));
  expect(svg).toMatch(/^<svg role="img" aria-label="Box plots[^"]*"/);
  expect(svg).not.toMatch(/https?:|href=|<script/);
  expect(svg).toContain('currentColor');
});

it('one label has one box without a name; nothing defined is no chart', async () => {
  const one = await plotMetrics(
    labelledEvaluation([{ name: 'a', byLabel: new Map([[1, metrics(0.5)]]) }], [1]),
  );
  expect(one).toContain('DSC');
  // All values alike: an axis around them, which ends at 1 for shares.
  expect(one).not.toContain('000000<');
  const ofLdr = one.slice(one.indexOf('concat_2_group'), one.indexOf('concat_3_group'));
  const ticks = [...ofLdr.matchAll(/text-anchor="end"[^>]*>([\d.]+)</g)].map(([, tick]) => tick);
  expect([ticks[0], ticks.at(-1)]).toEqual(['0.5', '1.0']);
  expect(one).not.toContain('label 1');
  expect(await plotMetrics(labelledEvaluation([{ name: 'a', byLabel: new Map() }], []))).toBe('');
});

it('gives the same text twice', async () => {
  const evaluation = labelledEvaluation(cases, [1, 2], names);
  expect(await plotMetrics(evaluation)).toBe(await plotMetrics(evaluation));
});
