/** The metrics of one case and of a set of cases, as `evaluate` reports them. */
import { FormatError, ShapeError } from '../errors.ts';
import { spatialShape, type Volume } from '../io/volume.ts';
import { sameShape, showShape } from '../shape.ts';
import { confusion, sensitivity } from './metrics/confusion.ts';
import { dice } from './metrics/dice.ts';
import { hausdorff } from './metrics/hausdorff.ts';
import { lesionDetectionRate } from './metrics/lesion_detection.ts';
import { maskOf } from './metrics/mask.ts';
import { signedRelativeVolumeError } from './metrics/relative_volume_error.ts';

/** DSC, HD95 in voxels, sensitivity, lesion detection rate, signed relative volume error; null: does not exist. */
export interface Metrics {
  readonly dsc: number | null;
  readonly hd95: number | null;
  readonly sens: number | null;
  readonly ldr: number | null;
  readonly rve: number | null;
}

export interface CaseMetrics extends Metrics {
  readonly name: string;
}

/** Cases with their mean and sample standard deviation (n - 1), over the values that exist. */
export interface MetricsTable {
  readonly cases: readonly CaseMetrics[];
  readonly mean: Metrics;
  readonly std: Metrics;
}

/** The table over all labels and, where there are several, one per label value. */
export interface Evaluation extends MetricsTable {
  readonly classes?: Readonly<Record<string, MetricsTable>>;
}

export const METRIC_NAMES = ['dsc', 'hd95', 'sens', 'ldr', 'rve'] as const;

const NOTHING: Metrics = { dsc: null, hd95: null, sens: null, ldr: null, rve: null };

const existing = (value: number): number | null => (Number.isFinite(value) ? value : null);

function metricsBy(value: (name: keyof Metrics) => number): Metrics {
  return {
    dsc: existing(value('dsc')),
    hd95: existing(value('hd95')),
    sens: existing(value('sens')),
    ldr: existing(value('ldr')),
    rve: existing(value('rve')),
  };
}

/** Label values above 0 that occur, ascending. */
export function labelValues(labels: Volume): number[] {
  const values = new Set<number>();
  let latest = 0;
  for (const value of labels.data) {
    if (value === latest) continue;
    values.add(value);
    latest = value;
  }
  for (const value of values) {
    if (!Number.isInteger(value) || value < 0) {
      throw new FormatError(
        `labelValues: a label map holds whole numbers from 0. Got ${value}. Pass a label map, not an image or probabilities.`,
      );
    }
  }
  values.delete(0);
  return [...values].sort((a, b) => a - b);
}

/**
 * Metrics of one label of one case.
 *
 * @param prediction, target label maps `[1,I,J,K]` on one grid
 * @param label value to compare; without it every value above 0 counts
 * @throws ShapeError if the shapes differ
 */
export function caseMetrics(prediction: Volume, target: Volume, label?: number): Metrics {
  if (target.shape[0] !== 1 || !sameShape(prediction.shape, target.shape)) {
    throw new ShapeError(
      `caseMetrics: prediction and label map must have one channel and one shape. Got ${showShape(prediction.shape)} and ${showShape(target.shape)} [C,I,J,K]. Compare on the label map's own grid.`,
    );
  }
  const shape = spatialShape(target);
  const p = maskOf(prediction.data, label);
  const t = maskOf(target.data, label);
  const counts = confusion(p, t);
  const values = {
    dsc: dice(counts),
    hd95: hausdorff(p, t, shape),
    sens: sensitivity(counts),
    ldr: lesionDetectionRate(p, t, shape),
    rve: signedRelativeVolumeError(counts),
  };
  return metricsBy((name) => values[name]);
}

/** Mean of what exists; NaN where nothing does. */
function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function sampleStd(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  return Math.sqrt(values.reduce((a, b) => a + (b - centre) ** 2, 0) / (values.length - 1));
}

const present = (rows: readonly Metrics[], name: keyof Metrics): number[] =>
  rows.map((row) => row[name]).filter((value) => value !== null);

export function metricsTable(cases: readonly CaseMetrics[]): MetricsTable {
  return {
    cases,
    mean: metricsBy((name) => mean(present(cases, name))),
    std: metricsBy((name) => sampleStd(present(cases, name))),
  };
}

/** One case's metrics by label value. */
export interface LabelledCase {
  readonly name: string;
  readonly byLabel: ReadonlyMap<number, Metrics>;
}

/**
 * Metrics of several labels: each label's table and, as the overall one, the mean over a case's labels.
 *
 * @param labels the label values that make a table; a case that lacks one has nulls there
 */
export function evaluation(cases: readonly LabelledCase[], labels: readonly number[]): Evaluation {
  const overall = cases.map(({ name, byLabel }) => {
    const rows = [...byLabel.values()];
    return { name, ...metricsBy((metric) => mean(present(rows, metric))) };
  });
  if (labels.length < 2) return metricsTable(overall);
  const classes: Record<string, MetricsTable> = {};
  for (const label of labels) {
    classes[String(label)] = metricsTable(
      cases.map(({ name, byLabel }) => ({ name, ...(byLabel.get(label) ?? NOTHING) })),
    );
  }
  return { ...metricsTable(overall), classes };
}
