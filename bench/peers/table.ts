/** The report as Markdown: the table of the README, and notes on what is in brackets. */
import { number } from '../table.ts';
import { reasonOf } from './reason.ts';
import type { Cell, EngineReport, PeersReport } from './report.ts';
import type { Work } from './workload.ts';

const WORK_TITLES: Record<Work, string> = { forward: 'forward', step: 'training step' };

const sizeText = (size: readonly number[]): string =>
  size.every((voxels) => voxels === size[0]) ? `${size[0]}³` : size.join('×');

const milliseconds = (ms: number): string =>
  ms < 1000 ? `${number(ms)} ms` : `${number(ms / 1000)} s`;

/** Time and ratio; without ratio where voxgrad has none. */
function timeText({ engine, ms, ratio }: Cell): string {
  const time = milliseconds(ms!);
  return engine === 'voxgrad' || ratio === null ? time : `${time} · ${number(ratio)}×`;
}

const firstLine = (text: string): string => text.trim().split('\n')[0]!;

const wrongWord = ({ work }: Cell): string =>
  work === 'forward' ? 'wrong result' : 'wrong gradients';

function cellText(cell: Cell | undefined, engine: EngineReport): string {
  if (engine.error !== undefined) return reasonOf(engine.error);
  if (!cell) return 'no training';
  if (cell.error !== undefined) return `fails: ${reasonOf(cell.error)}`;
  return cell.right === false ? `(${timeText(cell)}) ${wrongWord(cell)}` : timeText(cell);
}

/** What a reader should know of a cell, or nothing. */
function notesOf(cell: Cell, title: string): string[] {
  const where = `${title}, ${WORK_TITLES[cell.work]} ${sizeText(cell.size)}`;
  if (cell.error !== undefined) return [`${where}: ${firstLine(cell.error)}`];
  return Object.entries(cell.differences)
    .filter(([, { wrong }]) => wrong.length > 0)
    .map(
      ([reference, { wrong, tensors, worst, error }]) =>
        `${where}: ${wrong.length} of ${tensors} tensors differ from ${reference}'s, most \`${worst}\`, by ${number(100 * error)} %`,
    );
}

interface Column {
  readonly work: Work;
  readonly size: string;
}

/** Forward passes of all sizes, then training steps. */
function columnsOf(cells: readonly Cell[]): Column[] {
  return (['forward', 'step'] as const).flatMap((work) => {
    const sizes = cells.filter((cell) => cell.work === work).map(({ size }) => sizeText(size));
    return [...new Set(sizes)].map((size) => ({ work, size }));
  });
}

const cellAt = (cells: readonly Cell[], engine: string, { work, size }: Column): Cell | undefined =>
  cells.find(
    (cell) => cell.engine === engine && cell.work === work && sizeText(cell.size) === size,
  );

/** How long the runs took that compiled, in the order of the columns. */
function firstRunNote({ engines, cells }: PeersReport, columns: readonly Column[]): string {
  const texts = engines.flatMap(({ name, title }) => {
    const times = columns.flatMap((column) => {
      const ms = cellAt(cells, name, column)?.first_ms;
      return ms ? [milliseconds(ms)] : [];
    });
    return times.length > 0 ? [`${title} ${times.join(', ')}`] : [];
  });
  return `First runs, which compile and are not counted: ${texts.join('; ')}`;
}

const row = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

export function reportMarkdown(report: PeersReport): string {
  const { engines, cells } = report;
  const columns = columnsOf(cells);
  const notes = engines.flatMap(({ name, title, adapter, error }) => {
    if (error !== undefined) return [`${title}: ${firstLine(error)}`];
    const elsewhere = adapter !== null && adapter !== report.adapter;
    return [
      ...(elsewhere ? [`${title}: on another adapter, ${adapter}`] : []),
      ...cells.filter(({ engine }) => engine === name).flatMap((cell) => notesOf(cell, title)),
    ];
  });
  const versions = engines.flatMap(({ version }) => version ?? []);
  return [
    `Adapter: ${report.adapter}. Processor: ${report.processor}, ${report.threads} threads. ${report.date.slice(0, 10)}, \`${report.command}\`, with ${versions.join('; ')}.`,
    "Medians of runs that take turns; `n×` is the time over voxgrad's: below 1 is faster than voxgrad.",
    '',
    row(['engine', ...columns.map(({ work, size }) => `${WORK_TITLES[work]} ${size}`)]),
    row(['---', ...columns.map(() => '---:')]),
    ...engines.map((engine) =>
      row([
        engine.title,
        ...columns.map((column) => cellText(cellAt(cells, engine.name, column), engine)),
      ]),
    ),
    '',
    ...[firstRunNote(report, columns), ...notes].map((note) => `* ${note}`),
  ].join('\n');
}
