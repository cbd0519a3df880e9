import { type CaseMetrics, METRIC_NAMES, type Metrics } from './evaluate_case.ts';

/** All cases of an evaluation with their mean and standard deviation per metric. */
export interface Evaluation {
  readonly cases: readonly CaseMetrics[];
  readonly mean: Metrics;
  /** Sample standard deviation (n - 1): NaN for fewer than two values. */
  readonly std: Metrics;
}

export type JsonMetrics = Record<keyof Metrics, number | null>;

/** Machine output: a value that does not exist is null. */
export interface EvaluationJson {
  cases: ({ name: string } & JsonMetrics)[];
  mean: JsonMetrics;
  std: JsonMetrics;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function sampleStd(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** One value for every metric. */
export function perMetric<T>(of: (metric: keyof Metrics) => T): Record<keyof Metrics, T> {
  return Object.fromEntries(METRIC_NAMES.map((metric) => [metric, of(metric)])) as Record<
    keyof Metrics,
    T
  >;
}

/**
 * Mean and sample standard deviation of every metric over the cases where it is defined.
 *
 * @see pandas DataFrame.mean() and .std() with skipna=True
 */
export function summarize(cases: readonly CaseMetrics[]): Evaluation {
  const defined = (metric: keyof Metrics) =>
    cases.map((row) => row[metric]).filter((value) => !Number.isNaN(value));
  return {
    cases,
    mean: perMetric((metric) => mean(defined(metric))),
    std: perMetric((metric) => sampleStd(defined(metric))),
  };
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** `{cases: [{name, dsc, hd95, sens, ldr, rve, hd95_mm}], mean: {...}, std: {...}}`, ready for JSON.stringify. */
export function toJson({ cases, mean, std }: Evaluation): EvaluationJson {
  const row = (metrics: Metrics): JsonMetrics => perMetric((metric) => orNull(metrics[metric]));
  return {
    cases: cases.map((metrics) => ({ name: metrics.name, ...row(metrics) })),
    mean: row(mean),
    std: row(std),
  };
}

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

/** One line per case, then `mean` and `std`; a value that does not exist is an empty field. */
export function toCsv({ cases, mean, std }: Evaluation): string {
  const line = (name: string, metrics: Metrics): string =>
    [quoted(name), ...METRIC_NAMES.map((metric) => orNull(metrics[metric]) ?? '')].join(',');
  const rows = cases.map((metrics) => line(metrics.name, metrics));
  return `${[`name,${METRIC_NAMES.join(',')}`, ...rows, line('mean', mean), line('std', std)].join('\n')}\n`;
}

/** The same as text for people, columns aligned, ending in `mean ± std`. */
export function toTable({ cases, mean, std }: Evaluation, digits = 4): string {
  const show = (value: number): string => (Number.isNaN(value) ? 'n/a' : value.toFixed(digits));
  const rows = [
    ['case', ...METRIC_NAMES.map((metric) => metric.toUpperCase())],
    ...cases.map((metrics) => [metrics.name, ...METRIC_NAMES.map((m) => show(metrics[m]))]),
    ['mean ± std', ...METRIC_NAMES.map((m) => `${show(mean[m])} ± ${show(std[m])}`)],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
        )
        .join('  '),
    )
    .join('\n');
}
