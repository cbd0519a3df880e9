/** Volumes and metrics of every scan. */
import { type JsonMetrics, type LabelledEvaluationJson, METRIC_NAMES } from '../../../src/index.ts';
import { classColour } from '../../common/class_colours.ts';
import { element, swatch } from '../../common/element.ts';
import { decimals, whole } from '../../common/format.ts';
import { type ResultCase, type ResultRow, resultRows } from './result_rows.ts';

type Metric = (typeof METRIC_NAMES)[number];

interface Heading {
  readonly short: string;
  readonly long: string;
  readonly digits: number;
}

const HEADINGS: Record<Metric, Heading> = {
  dsc: { short: 'DSC', long: 'Dice similarity coefficient: 1 is the same', digits: 3 },
  hd95: { short: 'HD95', long: '95 % Hausdorff distance, voxels', digits: 2 },
  sens: { short: 'Sens', long: 'Sensitivity: share of the ground truth that was found', digits: 3 },
  ldr: {
    short: 'LDR',
    long: 'Lesion detection rate: share of its parts that were found',
    digits: 3,
  },
  rve: { short: 'RVE', long: 'Relative volume error: 0 is the same volume', digits: 3 },
  hd95_mm: { short: 'HD95 mm', long: '95 % Hausdorff distance, millimetres', digits: 2 },
};

export interface TableInput {
  readonly cases: readonly ResultCase[];
  /** Over all cases. */
  readonly merged: LabelledEvaluationJson | undefined;
  readonly selected: string | undefined;
  readonly colours: ReadonlyMap<number, string>;
  readonly onSelect: (name: string) => void;
}

const number = (text: string): HTMLElement => element('td', { class: 'number' }, text);

const metricCells = (metrics: JsonMetrics | undefined): HTMLElement[] =>
  METRIC_NAMES.map((name) => number(decimals(metrics?.[name], HEADINGS[name].digits)));

function classCell({ value, label }: ResultRow, colours: TableInput['colours']): HTMLElement {
  const colour = value === undefined ? undefined : (colours.get(value) ?? classColour(value - 1));
  const title = value === undefined ? 'Volumes together, metrics in the mean' : undefined;
  return element('td', { title }, colour !== undefined && swatch(colour), label);
}

function caseBody(result: ResultCase, input: TableInput): HTMLElement {
  const { merged, selected, colours, onSelect } = input;
  const { name } = result;
  const rows = resultRows(result);
  const body = element('tbody', {
    'data-case': name,
    'aria-current': name === selected ? 'true' : undefined,
  });
  rows.forEach((row, n) => {
    const head =
      n === 0 &&
      element(
        'th',
        { scope: 'rowgroup', rowspan: rows.length },
        element('button', { type: 'button', class: 'link', onclick: () => onSelect(name) }, name),
      );
    body.append(
      element(
        'tr',
        { class: row.value === undefined ? 'all' : undefined },
        head,
        classCell(row, colours),
        number(row.millilitres.toFixed(3)),
        number(whole(row.voxels)),
        ...(merged ? metricCells(row.metrics) : []),
      ),
    );
  });
  return body;
}

function foot({ cases, mean, std }: LabelledEvaluationJson): HTMLElement {
  const cell = (name: Metric): HTMLElement => {
    const { digits } = HEADINGS[name];
    return number(`${decimals(mean[name], digits)} ± ${decimals(std[name], digits)}`);
  };
  return element(
    'tfoot',
    {},
    element(
      'tr',
      {},
      element('th', { scope: 'row', colspan: 4 }, `mean ± std of ${cases.length} scans`),
      ...METRIC_NAMES.map(cell),
    ),
  );
}

/** @param input at least one case */
export function resultsTable(input: TableInput): HTMLElement {
  const { cases, merged } = input;
  const metricHeads = METRIC_NAMES.map((name) => {
    const { short, long } = HEADINGS[name];
    return element(
      'th',
      { scope: 'col', class: 'number' },
      element('abbr', { title: long }, short),
    );
  });
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Scan'),
    element('th', { scope: 'col' }, 'Class'),
    element('th', { scope: 'col', class: 'number' }, 'ml'),
    element('th', { scope: 'col', class: 'number' }, 'Voxels'),
    ...(merged ? metricHeads : []),
  );
  return element(
    'table',
    { class: 'results' },
    element('caption', { class: 'hidden' }, 'Volumes and metrics by scan and class'),
    element('thead', {}, head),
    ...cases.map((result) => caseBody(result, input)),
    merged && merged.cases.length > 1 && foot(merged),
  );
}
