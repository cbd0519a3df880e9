/** Two reports side by side: what became faster, and by more than the noise of the two runs? */
import type { NetworkRow, Report, Row } from './report.ts';

export interface Comparison {
  readonly name: string;
  readonly ms_before: number;
  readonly ms: number;
  /** Time before over time now: above 1 is faster. */
  readonly ratio: number;
  /** Of the ratio: both spreads as independent errors. */
  readonly spread: number;
  readonly verdict: 'faster' | 'slower' | 'same';
}

const rowName = (row: Row): string =>
  [
    row.op,
    row.pass,
    row.kernel === null ? '' : `k${row.kernel} s${row.stride}`,
    row.in_channels === null ? '' : `${row.in_channels}>${row.out_channels}`,
    row.shape.join('x'),
    `batch ${row.batch}`,
    row.variant === 'shipped' ? '' : row.variant,
  ]
    .filter(Boolean)
    .join(' ');

const networkName = ({ name, what, shape, batch }: NetworkRow): string =>
  `${name} ${what} ${shape.join('x')} batch ${batch}`;

/** Rows by what they measure, those with a time. The layer's name is left out: it may change. */
function timesOf({ rows, network }: Pick<Report, 'rows' | 'network'>) {
  const named = [
    ...rows.map((row) => ({ ...row, name: rowName(row) })),
    ...network.map((row) => ({ ...row, name: networkName(row) })),
  ];
  return new Map(
    named.flatMap(({ name, ms, spread }) =>
      ms === null ? [] : [[name, { ms, spread: spread ?? 0 }] as const],
    ),
  );
}

/** What both reports measured, in the order of `after`. */
export function compareReports(
  before: Pick<Report, 'rows' | 'network'>,
  after: Pick<Report, 'rows' | 'network'>,
): Comparison[] {
  const old = timesOf(before);
  return [...timesOf(after)].flatMap(([name, now]) => {
    const then = old.get(name);
    if (!then) return [];
    const ratio = then.ms / now.ms;
    const spread = ratio * Math.hypot(then.spread, now.spread);
    const verdict = ratio - 1 > spread ? 'faster' : 1 - ratio > spread ? 'slower' : 'same';
    return [{ name, ms_before: then.ms, ms: now.ms, ratio, spread, verdict } as const];
  });
}
