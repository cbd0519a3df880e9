/** Metrics of the cases that a run was tested on, with mean and standard deviation. */
import type { LabelledEvaluationJson } from '../../src/index.ts';
import { element } from '../common/element.ts';
import { decimals } from '../common/format.ts';

const METRICS = [
  ['dsc', 'DSC'],
  ['hd95', 'HD95, voxels'],
  ['hd95_mm', 'HD95, mm'],
  ['sens', 'Sensitivity'],
  ['ldr', 'Lesion detection'],
  ['rve', 'Relative volume error'],
] as const;

type Table = Omit<LabelledEvaluationJson, 'classes'>;

function table({ cases, mean, std }: Table, caption: string): HTMLElement {
  const known = METRICS.filter(
    ([key]) => mean[key] !== null || cases.some((row) => row[key] !== null),
  );
  const sorted = [...cases].sort((a, b) => (a.dsc ?? 2) - (b.dsc ?? 2));
  const row = (name: string, cells: readonly string[]): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      ...cells.map((cell) => element('td', { class: 'number' }, cell)),
    );
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: 'evaluation' },
      element('caption', {}, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'Case'),
          ...known.map(([, name]) => element('th', { scope: 'col', class: 'number' }, name)),
        ),
      ),
      element(
        'tbody',
        {},
        ...sorted.map((metrics) =>
          row(
            metrics.name,
            known.map(([key]) => decimals(metrics[key], 3)),
          ),
        ),
      ),
      element(
        'tfoot',
        {},
        row(
          'mean ± std',
          known.map(([key]) =>
            std[key] === null
              ? decimals(mean[key], 3)
              : `${decimals(mean[key], 3)} ± ${decimals(std[key], 3)}`,
          ),
        ),
      ),
    ),
  );
}

/** A table over all classes and, where there are several, one per class. */
export function evaluationTables(
  evaluation: LabelledEvaluationJson,
  classNames: readonly string[],
): HTMLElement[] {
  const count = `${evaluation.cases.length} cases, the worst first`;
  const classes = Object.entries(evaluation.classes ?? {});
  return [
    table(evaluation, classes.length > 0 ? `Mean over classes: ${count}` : count),
    ...classes.map(([value, rows]) =>
      table(rows, rows.name || classNames[Number(value)] || `label ${value}`),
    ),
  ];
}
