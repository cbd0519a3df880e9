/** Loss per step and Dice per epoch, as one figure. */
import { ConfigError } from '../../errors.ts';
import type { History } from '../../train/history.ts';
import { SmoothedLoss } from '../../train/smoothed_loss.ts';
import { BLUE, GREEN, ORANGE, PALE } from './colours.ts';
import { vegaPng } from './vega_png.ts';

export interface EpochPoint {
  /** Training steps taken when the epoch ended. */
  readonly step: number;
  readonly validLoss?: number | null;
  readonly dice?: number | null;
}

export interface TrainingCurves {
  readonly title?: string;
  /** Loss of every training step, not smoothed. */
  readonly stepLosses: readonly number[];
  readonly epochs: readonly EpochPoint[];
}

/** What a training's record has to show. */
export function curvesOf({ steps, epochs }: History): TrainingCurves {
  return {
    stepLosses: steps.map(({ loss }) => loss),
    epochs: epochs.map(({ steps: step, validLoss, accumulatedDice }) => ({
      step,
      validLoss,
      dice: accumulatedDice,
    })),
  };
}

/** fastai's plot_loss starts with the sixth value: the first ones are too few to smooth. */
const FIRST_SMOOTHED = 5;

/** Longer curves are drawn with every n-th step; the eye cannot tell. */
const MOST_POINTS = 2000;

const exists = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

function lossRows(curves: TrainingCurves) {
  const smoothed = new SmoothedLoss();
  const every = Math.ceil(curves.stepLosses.length / MOST_POINTS);
  return curves.stepLosses.flatMap((raw, index) => {
    if (!exists(raw)) return [];
    const average = smoothed.update(raw);
    if (index % every !== 0 && index !== curves.stepLosses.length - 1) return [];
    return [{ step: index + 1, raw, average: index < FIRST_SMOOTHED ? null : average }];
  });
}

/** The data's range with a little air: a loss axis from 0 would flatten the curve. */
function lossDomain(rows: readonly { raw: number }[], valid: readonly { loss: number }[]) {
  const sorted = rows.map((row) => row.raw).sort((a, b) => a - b);
  const values = [sorted[0]!, ...valid.map((row) => row.loss)];
  // A first step that is far off must not squeeze all the others into a line.
  const top = Math.max(sorted[Math.floor(0.99 * (sorted.length - 1))]!, ...values);
  const bottom = Math.min(...values);
  const air = Math.max(0.05 * (top - bottom), 1e-6);
  return [Math.max(0, bottom - air), top + air];
}

function lossPanel(curves: TrainingCurves) {
  const rows = lossRows(curves);
  const valid = curves.epochs.flatMap(({ step, validLoss }) =>
    exists(validLoss) ? [{ step, loss: validLoss }] : [],
  );
  const scale = { domain: lossDomain(rows, valid), nice: false };
  const x = {
    field: 'step',
    type: 'quantitative',
    title: 'training step',
    scale: { domain: [0, curves.stepLosses.length], nice: false },
    axis: { tickMinStep: 1, format: 'd', tickCount: 8 },
  };
  const y = (field: string) => ({ field, type: 'quantitative', title: 'loss', scale });
  const colour = (name: string) => ({ datum: name });
  const layers: object[] = [
    {
      data: { values: rows },
      mark: { type: 'line', strokeWidth: 1, clip: true },
      encoding: { x, y: y('raw'), color: colour('each step') },
    },
    {
      data: { values: rows.filter((row) => row.average !== null) },
      mark: { type: 'line', strokeWidth: 2.2, clip: true },
      encoding: { x, y: y('average'), color: colour('training, smoothed') },
    },
  ];
  if (valid.length > 0) {
    layers.push({
      data: { values: valid },
      mark: { type: 'line', strokeWidth: 1.8, point: { size: 34, filled: true } },
      encoding: { x, y: y('loss'), color: colour('validation') },
    });
  }
  const names = ['each step', 'training, smoothed', ...(valid.length > 0 ? ['validation'] : [])];
  return {
    width: 440,
    height: 280,
    title: 'Loss',
    layer: layers,
    encoding: {
      color: {
        type: 'nominal',
        scale: { domain: names, range: [PALE, BLUE, ORANGE] },
        legend: {
          title: null,
          orient: 'none',
          legendX: 300,
          legendY: 6,
          symbolType: 'stroke',
          symbolStrokeWidth: 3,
        },
      },
    },
  };
}

function dicePanel(curves: TrainingCurves) {
  const rows = curves.epochs.flatMap(({ dice }, index) =>
    exists(dice) ? [{ epoch: index + 1, dice }] : [],
  );
  if (rows.length === 0) return undefined;
  const best = rows.reduce((a, b) => (b.dice > a.dice ? b : a));
  const epochs = curves.epochs.length;
  const x = {
    field: 'epoch',
    type: 'quantitative',
    title: 'epoch',
    scale: { domain: [epochs > 1 ? 1 : 0, Math.max(epochs, 2)], nice: false },
    axis: { tickMinStep: 1, format: 'd' },
  };
  const y = {
    field: 'dice',
    type: 'quantitative',
    title: 'accumulated Dice',
    scale: { domain: [0, 1] },
  };
  const left = best.epoch > epochs / 2;
  return {
    width: 300,
    height: 280,
    title: 'Validation Dice',
    layer: [
      {
        data: { values: rows },
        mark: { type: 'line', strokeWidth: 2, color: GREEN, point: { size: 34, color: GREEN } },
        encoding: { x, y },
      },
      {
        data: { values: [best] },
        mark: { type: 'point', size: 140, color: GREEN, strokeWidth: 2, filled: false },
        encoding: { x, y },
      },
      {
        data: { values: [{ ...best, text: `best ${best.dice.toFixed(3)}` }] },
        mark: {
          type: 'text',
          align: left ? 'right' : 'left',
          dx: left ? 6 : -6,
          dy: -17,
          fontSize: 12,
          fontWeight: 'bold',
          color: GREEN,
        },
        encoding: { x, y, text: { field: 'text' } },
      },
    ],
  };
}

/**
 * Training loss of every step with fastai's smoothing over it, validation loss, and Dice per epoch
 * with the best one marked. Missing values leave gaps; without any Dice there is one panel.
 *
 * @returns a PNG, two pixels per unit
 * @throws ConfigError when there is no finite training loss
 * @see fastai Recorder.plot_loss
 */
export async function plotCurves(curves: TrainingCurves): Promise<Uint8Array> {
  if (!curves.stepLosses.some(exists)) {
    throw new ConfigError(
      `plotCurves: nothing to draw. Got ${curves.stepLosses.length} step losses, none of them finite. Plot after the first step.`,
    );
  }
  const dice = dicePanel(curves);
  const panels = [lossPanel(curves), ...(dice ? [dice] : [])];
  return vegaPng({ title: curves.title, panels });
}
