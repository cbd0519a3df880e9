/** An evaluation as text: aligned columns for people, CSV for programs. */
import { type Evaluation, METRIC_NAMES, type Metrics, type MetricsTable } from './evaluation.ts';

const HEADINGS = ['DSC', 'HD95', 'Sens', 'LDR', 'RVE'] as const;

const shown = (value: number | null): string => (value === null ? '-' : value.toFixed(3));

const withSpread = (mean: number | null, std: number | null): string =>
  std === null ? shown(mean) : `${shown(mean)} ± ${shown(std)}`;

/** First column to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const width = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(width[column]!) : cell.padStart(width[column]!),
        )
        .join('  '),
    )
    .join('\n');
}

function tableText(title: string, table: MetricsTable): string {
  const values = (row: Metrics): string[] => METRIC_NAMES.map((name) => shown(row[name]));
  return aligned([
    [title, ...HEADINGS],
    ...table.cases.map((row) => [row.name, ...values(row)]),
    ['mean ± std', ...METRIC_NAMES.map((name) => withSpread(table.mean[name], table.std[name]))],
  ]);
}

/** One block per label where there are several, then the overall table. HD95 is in voxels. */
export function evaluationText(result: Evaluation): string {
  const classes = Object.entries(result.classes ?? {});
  const blocks = classes.map(([label, table]) => tableText(`label ${label}`, table));
  const title = classes.length > 0 ? 'mean over labels' : 'case';
  return `${[...blocks, tableText(title, result)].join('\n\n')}\n`;
}

/** Quoted where a comma, quote or line break would break the row. */
const cell = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const number = (value: number | null): string => (value === null ? '' : String(value));

/** Columns name, label, dsc, hd95, sens, ldr, rve; an empty field is a value that does not exist. */
export function evaluationCsv(result: Evaluation): string {
  const rows: string[][] = [['name', 'label', ...METRIC_NAMES]];
  const add = (label: string, table: MetricsTable): void => {
    const row = (name: string, metrics: Metrics): string[] => [
      cell(name),
      label,
      ...METRIC_NAMES.map((metric) => number(metrics[metric])),
    ];
    rows.push(...table.cases.map((metrics) => row(metrics.name, metrics)));
    rows.push(row('mean', table.mean), row('std', table.std));
  };
  add('all', result);
  for (const [label, table] of Object.entries(result.classes ?? {})) add(label, table);
  return `${rows.map((row) => row.join(',')).join('\n')}\n`;
}
