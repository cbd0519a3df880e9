/** Loss against learning rate, with the suggestion. */
import { ConfigError } from '../../errors.ts';
import type { LrFinding } from '../../train/lr_find.ts';
import { BLUE, ORANGE, PALE } from './colours.ts';
import { vegaPng } from './vega_png.ts';

/** As fastai: the last steps may be so far off that they would squeeze all others into a line. */
const SKIP_END = 5;

const WIDTH = 560;

interface Row {
  readonly lr: number;
  readonly raw: number | null;
  readonly loss: number;
}

function lrRows({ lrs, losses, stepLosses }: LrFinding): Row[] {
  // A search that a NaN has ended has no steps behind it that could be left out.
  const end = Number.isNaN(losses.at(-1)) ? losses.length : losses.length - SKIP_END;
  return lrs.slice(0, Math.max(0, end)).flatMap((lr, step) => {
    const [raw, loss] = [stepLosses[step]!, losses[step]!];
    return Number.isFinite(loss) ? [{ lr, raw: Number.isFinite(raw) ? raw : null, loss }] : [];
  });
}

/**
 * The learning-rate finder's smoothed loss over that of each step, learning rates on a logarithmic
 * axis, and the suggested one with its value.
 *
 * @returns a PNG, two pixels per unit
 * @throws ConfigError for a finding of fewer steps than are left out at the end
 * @see fastai Recorder.plot_lr_find
 */
export async function plotLrFind(finding: LrFinding): Promise<Uint8Array> {
  const rows = lrRows(finding);
  if (rows.length === 0) {
    throw new ConfigError(
      `plotLrFind: nothing to draw. Got ${finding.lrs.length} steps, of which the last ${SKIP_END} are left out. Search with more steps.`,
    );
  }
  const losses = rows.map(({ loss }) => loss);
  const [bottom, top] = [Math.min(...losses), Math.max(...losses)];
  const air = Math.max(0.05 * (top - bottom), 1e-6);
  const [first, last] = [rows[0]!.lr, rows.at(-1)!.lr];
  const x = {
    field: 'lr',
    type: 'quantitative',
    title: 'learning rate',
    scale: { type: 'log', domain: [first, last > first ? last : 10 * first], nice: false },
    axis: { values: powersOfTen(first, last), format: '.0e', labelFlush: false },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: 'loss',
    scale: { domain: [bottom - air, top + air], nice: false, zero: false },
  });
  const colour = (name: string) => ({ datum: name });
  const names = ['each step', 'smoothed', 'suggestion'];
  const panel = {
    width: WIDTH,
    height: 300,
    title: 'Learning-rate finder',
    layer: [
      {
        data: { values: rows },
        mark: { type: 'line', strokeWidth: 1, clip: true },
        encoding: { x, y: y('raw'), color: colour('each step') },
      },
      {
        data: { values: rows },
        mark: { type: 'line', strokeWidth: 2.2 },
        encoding: { x, y: y('loss'), color: colour('smoothed') },
      },
      ...suggestion(finding, rows, x, y('loss')),
    ],
    encoding: {
      color: {
        type: 'nominal',
        scale: { domain: names, range: [PALE, BLUE, ORANGE] },
        legend: { title: null, orient: 'bottom', symbolType: 'stroke', symbolStrokeWidth: 3 },
      },
    },
  };
  return vegaPng({ panels: [panel] });
}

/** A dot on the curve, and its learning rate in words beside it. */
function suggestion(finding: LrFinding, rows: readonly Row[], x: object, y: object): object[] {
  const at = rows.findIndex(({ lr }) => lr === finding.valley);
  const row = rows[at];
  if (!row) return [];
  const isRight = at > rows.length / 2;
  const encoding = { x, y, color: { datum: 'suggestion' } };
  return [
    {
      data: { values: [row] },
      mark: { type: 'point', size: 90, filled: true, opacity: 1 },
      encoding,
    },
    {
      data: { values: [{ ...row, text: `valley ${finding.valley.toPrecision(3)}` }] },
      mark: {
        type: 'text',
        align: isRight ? 'right' : 'left',
        dx: isRight ? -10 : 10,
        dy: isRight ? 12 : -12,
        fontSize: 12,
        fontWeight: 'bold',
      },
      encoding: { ...encoding, text: { field: 'text' } },
    },
  ];
}

function powersOfTen(from: number, to: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(from)), Math.floor(Math.log10(to))];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => 10 ** (first + n));
}
