/** Reports as text for people. */
import type { Comparison } from './compare.ts';
import { type Adapter, failures, type NetworkRow, type Report, type Row } from './report.ts';

/** Columns under their titles: the first `left` to the left, numbers to the right. */
function columns(titles: readonly string[], lines: readonly (readonly string[])[], left: number) {
  const widths = titles.map((title, n) =>
    Math.max(title.length, ...lines.map((line) => line[n]!.length)),
  );
  return [titles, ...lines].map((line) =>
    line
      .map((cell, n) => (n < left ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Three digits that count: `0.0123`, `4.56`, `789`. */
export function number(value: number | null): string {
  if (value === null) return '-';
  if (value === 0) return '0';
  const digits = Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits);
}

const percent = (share: number | null): string => (share === null ? '-' : `${share.toFixed(0)} %`);
const spreadText = (spread: number | null): string =>
  spread === null ? '-' : `±${(100 * spread).toFixed(0)} %`;
const mebibytes = (bytes: number | null): string =>
  bytes === null ? '-' : `${(bytes / 2 ** 20).toFixed(0)} MiB`;

export const adapterText = ({ vendor, architecture, device, description, software }: Adapter) =>
  `${[vendor, architecture, device, description].filter(Boolean).join(', ')}${software ? ' (software)' : ''}`;

function opLines(rows: readonly Row[]): string[] {
  const variants = new Set(rows.map(({ variant }) => variant));
  const key = ({ variant: _, ...row }: Row): string =>
    JSON.stringify([row.op, row.pass, row.layer, row.shape, row.batch]);
  const firsts = new Map<string, number | null>();
  for (const row of rows) if (!firsts.has(key(row))) firsts.set(key(row), row.ms);
  const ratio = (row: Row): string => {
    const first = firsts.get(key(row));
    return first && row.ms ? `${(first / row.ms).toFixed(2)}x` : '-';
  };
  const several = variants.size > 1;
  const titles = ['op', 'pass', 'layer', 'channels', 'voxels', ...(several ? ['variant'] : [])];
  const numbers = ['ms', 'spread', 'GFLOP/s', 'GB/s', 'of ceiling', ...(several ? ['speed'] : [])];
  const lines = rows.map((row) => [
    row.op,
    row.pass,
    row.layer,
    row.in_channels === null ? '-' : `${row.in_channels}>${row.out_channels}`,
    row.shape.join('x'),
    ...(several ? [row.variant] : []),
    row.error === undefined ? number(row.ms) : 'FAILED',
    spreadText(row.spread),
    number(row.gflops),
    number(row.gbps),
    percent(row.percent_of_ceiling),
    ...(several ? [ratio(row)] : []),
  ]);
  return columns([...titles, ...numbers], lines, titles.length);
}

function networkLines(network: readonly NetworkRow[]): string[] {
  const titles = ['network', 'what', 'patch', 'batch'];
  const numbers = [
    ...['ms', 'spread', 'GFLOP/s', 'of FMA', 'not conv', 'peak', 'of base'],
    ...['moved', 'dispatches', 'submits'],
  ];
  const lines = network.map((row) => [
    row.name,
    row.what,
    row.shape.join('x'),
    String(row.batch),
    row.error === undefined ? number(row.ms) : 'FAILED',
    spreadText(row.spread),
    number(row.gflops),
    percent(row.percent_of_ceiling),
    percent(row.non_convolution_share === null ? null : 100 * row.non_convolution_share),
    mebibytes(row.peak_bytes),
    row.base_bytes && row.peak_bytes ? (row.peak_bytes / row.base_bytes).toFixed(2) : '-',
    mebibytes(row.bytes_moved),
    String(row.dispatches ?? '-'),
    String(row.submits ?? '-'),
  ]);
  return columns([...titles, ...numbers], lines, titles.length);
}

const KERNELS_SHOWN = 12;

/** Where the time of the last timed step goes. */
function kernelLines({ kernels, what, shape, batch }: NetworkRow): string[] {
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const lines = kernels
    .slice(0, KERNELS_SHOWN)
    .map(({ name, dispatches, milliseconds, bytes }) => [
      name,
      number(milliseconds),
      percent((100 * milliseconds) / total),
      String(dispatches),
      mebibytes(bytes),
    ]);
  const title = `kernels of unet ${what} ${shape.join('x')} batch ${batch}`;
  return columns([title, 'ms', 'share', 'dispatches', 'tensors'], lines, 1);
}

export function reportText(report: Report): string {
  const { adapter, ceilings, rows, network } = report;
  const lines = [
    `adapter  ${adapterText(adapter)}`,
    `voxgrad  ${report.voxgrad}${report.commit ? ` (${report.commit})` : ''}, ${report.date.slice(0, 10)}`,
    `ceilings ${number(ceilings.fma_gflops)} GFLOP/s (${ceilings.fma_loop}, ${spreadText(ceilings.fma_spread)}), ${number(ceilings.copy_gbps)} GB/s (${ceilings.copy_loop}, ${spreadText(ceilings.copy_spread)})`,
  ];
  if (rows.length > 0) lines.push('', ...opLines(rows));
  if (network.length > 0) lines.push('', ...networkLines(network));
  const last = network.findLast(({ kernels }) => kernels.length > 0);
  if (last) lines.push('', ...kernelLines(last));
  const failed = failures(report);
  if (failed.length > 0) lines.push('', ...failed.map((line) => `FAILED ${line}`));
  return lines.join('\n');
}

export function comparisonText(comparisons: readonly Comparison[], baseline: string): string {
  if (comparisons.length === 0) return `Nothing here was measured in ${baseline}.`;
  const lines = comparisons.map(({ name, ms_before, ms, ratio, spread, verdict }) => [
    name,
    number(ms_before),
    number(ms),
    `${ratio.toFixed(2)}x`,
    `±${spread.toFixed(2)}`,
    verdict,
  ]);
  return columns([`against ${baseline}`, 'ms then', 'ms now', 'speed', '', ''], lines, 1).join(
    '\n',
  );
}
