/** The results of all scans as rows: one per scan and class, and one over all classes where there are several. */
import type { ClassVolume, JsonMetrics, LabelledEvaluationJson } from '../../../src/index.ts';

/** A scan with a segmentation. */
export interface ResultCase {
  readonly name: string;
  readonly classes: readonly ClassVolume[];
  /** Of this case alone; undefined without a ground truth. */
  readonly evaluation: LabelledEvaluationJson | undefined;
}

export interface ResultRow {
  readonly scan: string;
  /** Label value; undefined for all classes: their volume together, the mean of their metrics. */
  readonly value: number | undefined;
  readonly label: string;
  readonly voxels: number;
  readonly millilitres: number;
  readonly metrics: JsonMetrics | undefined;
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Of one class: its own where there are several, else the only ones there are. */
function metricsOf({ classes, evaluation }: ResultCase, value: number): JsonMetrics | undefined {
  if (!evaluation) return undefined;
  if (evaluation.classes) return evaluation.classes[String(value)]?.cases[0];
  return classes.length === 1 ? evaluation.cases[0] : undefined;
}

/** Rows of one case. */
export function resultRows(result: ResultCase): ResultRow[] {
  const { name, classes, evaluation } = result;
  const rows: ResultRow[] = classes.map((found) => ({
    scan: name,
    value: found.value,
    label: found.name,
    voxels: found.voxels,
    millilitres: found.millilitres,
    metrics: metricsOf(result, found.value),
  }));
  if (!evaluation || classes.length < 2) return rows;
  rows.push({
    scan: name,
    value: undefined,
    label: 'all',
    voxels: total(classes.map(({ voxels }) => voxels)),
    millilitres: total(classes.map(({ millilitres }) => millilitres)),
    metrics: evaluation.cases[0],
  });
  return rows;
}

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

/**
 * A table for spreadsheets: `name,label,class,voxels,ml` and the metrics of `metrics.csv`. A value that does not exist
 * is an empty field; `all` rows have the volume of the classes together, and the mean of their metrics.
 */
export function resultsCsv(
  cases: readonly ResultCase[],
  metricNames: readonly (keyof JsonMetrics)[],
): string {
  const lines = cases
    .flatMap(resultRows)
    .map((row) =>
      [
        quoted(row.scan),
        row.value ?? '',
        quoted(row.label),
        row.voxels,
        row.millilitres,
        ...metricNames.map((name) => row.metrics?.[name] ?? ''),
      ].join(','),
    );
  return `${[`name,label,class,voxels,ml,${metricNames.join(',')}`, ...lines].join('\n')}\n`;
}
