/** A table of runs for people. */
import type { RunSummary } from '../../train/run_listing.ts';

export const RUN_ORDERS = [
  'started',
  'name',
  'state',
  'dice',
  'loss',
  'test',
  'parameters',
  'time',
] as const;
export type RunOrder = (typeof RUN_ORDERS)[number];

const STATES = ['running', 'interrupted', 'damaged', 'finished'];

/** What is smaller comes first. */
const KEYS: Record<Exclude<RunOrder, 'name'>, (run: RunSummary) => number | null> = {
  started: ({ started }) => (started === null ? null : -Date.parse(started)),
  state: ({ state }) => STATES.indexOf(state),
  dice: ({ bestDice }) => (bestDice === null ? null : -bestDice),
  loss: ({ validLoss }) => validLoss,
  test: ({ evaluation }) => (evaluation?.dsc == null ? null : -evaluation.dsc),
  parameters: ({ parameters }) => parameters,
  time: ({ seconds, state }) => (state === 'damaged' ? null : seconds),
};

/** The newest, the best or the smallest first; runs without the value come last, ties by name. */
export function sortRuns(runs: readonly RunSummary[], order: RunOrder): RunSummary[] {
  const byName = (a: RunSummary, b: RunSummary): number =>
    a.name.localeCompare(b.name, 'en', { numeric: true });
  if (order === 'name') return [...runs].sort(byName);
  const key = (run: RunSummary): number => KEYS[order](run) ?? Number.POSITIVE_INFINITY;
  return [...runs].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x === y ? byName(a, b) : x - y;
  });
}

const decimals = (value: number | null | undefined): string =>
  value == null ? '-' : value.toFixed(4);
const sizes = (values: readonly number[] | null, missing: string): string =>
  values?.map((value) => Math.round(value * 1e3) / 1e3).join('x') ?? missing;

function date(iso: string | null): string {
  if (iso === null) return '-';
  const at = new Date(iso);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const HEADINGS = [
  'run',
  'state',
  'started',
  'epochs',
  'steps',
  'best Dice',
  'valid loss',
  'test DSC',
  'patch',
  'spacing (mm)',
  'parameters',
  'time',
];

function cells(run: RunSummary): string[] {
  if (run.state === 'damaged') return [run.name, run.state];
  return [
    run.name,
    run.state,
    date(run.started),
    String(run.epochs),
    `${run.steps}/${run.totalSteps ?? '?'}`,
    decimals(run.bestDice),
    decimals(run.validLoss),
    decimals(run.evaluation?.dsc),
    sizes(run.patchSize, '-'),
    sizes(run.spacing, "each image's"),
    run.parameters?.toLocaleString('en') ?? '-',
    duration(run.seconds),
  ];
}

/** Columns in line: the first ones to the left, the others, numbers, to the right. */
export function alignedTable(rows: readonly (readonly string[])[], leftColumns: number): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < leftColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** The table, and under it what is wrong with damaged and interrupted runs. */
export function runsText(runs: readonly RunSummary[]): string {
  const table = alignedTable([HEADINGS, ...runs.map(cells)], 3);
  const errors = runs.flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`]));
  return [table, ...(errors.length > 0 ? ['', ...errors] : [])].join('\n');
}
