/** Evaluation of label maps with one label or several: a table per label, and one over all of them. */
import { FormatError } from '../errors.ts';
import type { CaseMetrics, Metrics } from './metrics/evaluate_case.ts';
import {
  type Evaluation,
  type EvaluationJson,
  perMetric,
  summarize,
  toJson,
  toTable,
} from './metrics/summary.ts';

/** One case's metrics by label value. */
export interface LabelledCase {
  readonly name: string;
  readonly byLabel: ReadonlyMap<number, Metrics>;
}

/** The table over all labels and, where there are several, one per label value. */
export interface LabelledEvaluation extends Evaluation {
  readonly classes?: ReadonlyMap<number, Evaluation>;
  /** Of the labels, as far as they are known. */
  readonly classNames?: ReadonlyMap<number, string>;
}

/** The contract of `evaluate --json`, with `classes` by label value added where there are several. */
export interface LabelledEvaluationJson extends EvaluationJson {
  classes?: Record<string, { name: string } & EvaluationJson>;
}

const UNDEFINED: Metrics = perMetric(() => Number.NaN);

/** Mean of the rows in which a metric is defined; NaN where it never is. */
function meanRow(rows: readonly Metrics[]): Metrics {
  return perMetric((name) => {
    const defined = rows.map((row) => row[name]).filter((value) => !Number.isNaN(value));
    return defined.reduce((a, b) => a + b, 0) / defined.length;
  });
}

/**
 * Tables from cases: each label's, and an overall one of the mean over a case's labels.
 *
 * @param labels label values with a table; in a case that lacks one no metric is defined
 * @param classNames names by label value
 */
export function labelledEvaluation(
  cases: readonly LabelledCase[],
  labels: readonly number[],
  classNames?: ReadonlyMap<number, string>,
): LabelledEvaluation {
  const overall = summarize(
    cases.map(({ name, byLabel }) => ({ name, ...meanRow([...byLabel.values()]) })),
  );
  if (labels.length < 2) return overall;
  const classes = new Map<number, Evaluation>();
  for (const label of labels) {
    const rows: CaseMetrics[] = cases.map(({ name, byLabel }) => ({
      name,
      ...(byLabel.get(label) ?? UNDEFINED),
    }));
    classes.set(label, summarize(rows));
  }
  return { ...overall, classes, ...(classNames ? { classNames } : {}) };
}

/** The name of a label where there is one, else `label 2`. */
export function labelName({ classNames }: LabelledEvaluation, label: number): string {
  return classNames?.get(label) || `label ${label}`;
}

/** Ready for JSON.stringify: a value that does not exist is null. */
export function labelledEvaluationJson(result: LabelledEvaluation): LabelledEvaluationJson {
  const json: LabelledEvaluationJson = toJson(result);
  for (const [label, table] of result.classes ?? []) {
    json.classes ??= {};
    json.classes[String(label)] = { name: labelName(result, label), ...toJson(table) };
  }
  return json;
}

function heading(result: LabelledEvaluation, label: number): string {
  return result.classNames?.get(label)
    ? `${labelName(result, label)} (${label})`
    : labelName(result, label);
}

/** One table per label where there are several, then the overall one. */
export function labelledEvaluationText(result: LabelledEvaluation): string {
  const classes = [...(result.classes ?? [])].map(
    ([label, table]) => `${heading(result, label)}\n${toTable(table)}`,
  );
  return [
    ...classes,
    classes.length > 0 ? `mean over labels\n${toTable(result)}` : toTable(result),
  ].join('\n\n');
}

/**
 * Label values above 0 that occur, ascending.
 *
 * @throws FormatError for values that are no labels
 */
export function labelValues(labels: ArrayLike<number>): number[] {
  const values = new Set<number>();
  let latest = 0;
  for (let n = 0; n < labels.length; n++) {
    const value = labels[n]!;
    if (value === latest) continue;
    if (!Number.isInteger(value) || value < 0) {
      throw new FormatError(
        `labelValues: a label map holds whole numbers from 0. Got ${value}. Pass a label map, not an image or probabilities.`,
      );
    }
    values.add(value);
    latest = value;
  }
  values.delete(0);
  return [...values].sort((a, b) => a - b);
}
