/** Tables of a report: a summary of means, and the cases of a label, sorted by a click on a heading. */
import { type LabelledEvaluation, labelName } from '../train/evaluation.ts';
import { METRIC_NAMES, type MetricName } from '../train/metrics/evaluate_case.ts';
import type { Evaluation } from '../train/metrics/summary.ts';
import { METRIC_TITLES } from './figure/plot_metrics.ts';
import { escapeXml as escapeHtml } from './figure/render_svg.ts';

const shown = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(3));

const meanAndStd = ({ mean, std }: Evaluation, metric: MetricName): string =>
  Number.isNaN(std[metric])
    ? shown(mean[metric])
    : `${shown(mean[metric])} ± ${shown(std[metric])}`;

const cell = (text: string, tag = 'td'): string => `<${tag}>${escapeHtml(text)}</${tag}>`;

const means = (name: string, table: Evaluation): string =>
  `<tr>${cell(name)}${METRIC_NAMES.map((metric) => cell(meanAndStd(table, metric))).join('')}</tr>`;

const scrolling = (table: string): string => `<div class="overflow">${table}</div>`;

/** Mean and sample standard deviation over the cases: a row per label, and one of the mean over labels. */
export function summaryTable(evaluation: LabelledEvaluation): string {
  const head = ['', ...METRIC_NAMES.map((metric) => METRIC_TITLES[metric])]
    .map((title) => cell(title, 'th'))
    .join('');
  const rows = [...(evaluation.classes ?? [])].map(([label, table]) =>
    means(labelName(evaluation, label), table),
  );
  const name = evaluation.classes ? 'mean over labels' : 'mean ± std';
  return scrolling(
    `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody><tfoot>${means(name, evaluation)}</tfoot></table>`,
  );
}

/** A row per case, with the exact values in `data-value`; one that is not defined sorts last. */
export function casesTable(table: Evaluation): string {
  const head = ['case', ...METRIC_NAMES.map((metric) => METRIC_TITLES[metric])]
    .map((title) => `<th><button type="button">${escapeHtml(title)}</button></th>`)
    .join('');
  const rows = table.cases.map((row) => {
    const values = METRIC_NAMES.map((metric) => {
      const value = row[metric];
      return `<td data-value="${Number.isFinite(value) ? value : ''}">${shown(value)}</td>`;
    });
    return `<tr>${cell(row.name)}${values.join('')}</tr>`;
  });
  return scrolling(
    `<table class="sortable"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody><tfoot>${means('mean ± std', table)}</tfoot></table>`,
  );
}
