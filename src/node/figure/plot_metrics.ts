/** Box plots of an evaluation: a panel per metric, a box per label, a point per case. */
import { type LabelledEvaluation, labelName } from '../../train/evaluation.ts';
import { METRIC_NAMES, type MetricName } from '../../train/metrics/evaluate_case.ts';
import type { Evaluation } from '../../train/metrics/summary.ts';
import { GREEN, labelColour } from './colours.ts';
import { vegaInlineSvg } from './vega_png.ts';

/** How people write the metrics. */
export const METRIC_TITLES: Readonly<Record<MetricName, string>> = {
  dsc: 'DSC',
  hd95: 'HD95 (voxels)',
  sens: 'Sens',
  ldr: 'LDR',
  rve: 'RVE',
  hd95_mm: 'HD95 (mm)',
};

const PANEL_HEIGHT = 190;
const BOX_STEP = 84;
/** As Vega estimates widths, which is generously. */
const LABEL_LIMIT = 1.4 * BOX_STEP;
const LEAST_WIDTH = 160;
/** From 0 to 1. */
const SHARES: readonly MetricName[] = ['dsc', 'sens', 'ldr'];
const COLUMNS = 3;
const TITLE = {
  type: 'text',
  x: 0,
  y: -18,
  align: 'left',
  fontSize: 13,
  fontWeight: 'bold',
  color: 'currentColor',
} as const;
const SPACING = { row: 74, column: 66 };
/** Share of a box's place over which its points are scattered. */
const SCATTER = 0.5;

/** The golden ratio's multiples fill a box evenly, in any number, and always in the same way. */
const scatter = (index: number): number => SCATTER * (((index * 0.618034) % 1) - 0.5);

interface Group {
  readonly name: string;
  readonly colour: string;
  readonly table: Evaluation;
}

function groupsOf(evaluation: LabelledEvaluation): Group[] {
  if (!evaluation.classes) return [{ name: '', colour: GREEN, table: evaluation }];
  return [...evaluation.classes].map(([label, table]) => ({
    name: labelName(evaluation, label),
    colour: labelColour(label),
    table,
  }));
}

/** Of an axis: Vega's own, unless all values are one, which leaves it no range to divide. */
function domainOf(metric: MetricName, values: readonly number[]): object {
  const [first] = values;
  if (!values.every((value) => value === first)) return { zero: false };
  const margin = Math.abs(first!) / 2 || 0.5;
  const most = SHARES.includes(metric) ? Math.min(1, first! + margin) : first! + margin;
  return { zero: false, nice: false, domain: [first! - margin, most] };
}

function panel(metric: MetricName, groups: readonly Group[]): object | undefined {
  const values = groups.flatMap(({ colour, table }, box) =>
    table.cases
      .filter((row) => Number.isFinite(row[metric]))
      .map((row, index) => ({ value: row[metric], colour, box, at: box + scatter(index) })),
  );
  if (values.length === 0) return undefined;
  const x = {
    field: 'box',
    type: 'quantitative',
    title: null,
    scale: { domain: [-0.6, groups.length - 0.4], nice: false, zero: false },
    axis: {
      values: groups.map((_, box) => box),
      labelExpr: `${JSON.stringify(groups.map(({ name }) => name))}[datum.value]`,
      labelLimit: LABEL_LIMIT,
      grid: false,
      ticks: false,
    },
  };
  const scale = domainOf(
    metric,
    values.map(({ value }) => value),
  );
  const y = { field: 'value', type: 'quantitative', title: null, scale };
  const color = { field: 'colour', type: 'nominal', scale: null };
  return {
    width: Math.max(LEAST_WIDTH, groups.length * BOX_STEP),
    height: PANEL_HEIGHT,
    data: { values },
    layer: [
      // Vega puts a title above whatever the topmost label needs: titles of a row would not align.
      {
        data: { values: [{}] },
        mark: { ...TITLE, text: METRIC_TITLES[metric] },
      },
      {
        mark: {
          type: 'boxplot',
          extent: 'min-max',
          size: 34,
          box: { fillOpacity: 0.3, strokeWidth: 1 },
          rule: { color: 'currentColor' },
          median: { color: 'currentColor', strokeWidth: 2 },
        },
        encoding: { x, y, color },
      },
      {
        mark: { type: 'point', filled: true, size: 26, opacity: 0.75 },
        encoding: { x: { ...x, field: 'at' }, y, color },
      },
    ],
  };
}

/**
 * Box (quartiles), whisker (smallest and largest), median and a point per case, of each metric that is
 * defined anywhere.
 *
 * @returns an `<svg>` element, empty text if no metric is defined
 */
export async function plotMetrics(evaluation: LabelledEvaluation): Promise<string> {
  const groups = groupsOf(evaluation);
  const panels = METRIC_NAMES.flatMap((metric) => panel(metric, groups) ?? []);
  if (panels.length === 0) return '';
  return vegaInlineSvg({
    panels,
    columns: COLUMNS,
    spacing: SPACING,
    description: 'Box plots of each metric over the cases',
  });
}
