/** Training and validation loss over the steps. */
import { ConfigError } from '../../errors.ts';
import type { LossPlot } from '../../train/recorder.ts';
import { BLUE, ORANGE } from './colours.ts';
import { vegaPng } from './vega_png.ts';

/**
 * Draws `learner.recorder.plotLoss()`: the smoothed training loss as a line, the validation loss as
 * points at the ends of epochs with a line between them.
 *
 * @returns a PNG, two pixels per unit
 * @throws ConfigError for a fit of fewer steps than are left out
 * @see fastai Recorder.plot_loss
 */
export async function plotLoss({ train, valid }: LossPlot): Promise<Uint8Array> {
  if (train.length === 0) {
    throw new ConfigError(
      'plotLoss: nothing to draw. Got no step after those that are left out. Train longer, or pass a smaller skipStart to recorder.plotLoss.',
    );
  }
  const x = {
    field: 'step',
    type: 'quantitative',
    title: 'step',
    scale: { domain: [0, train.at(-1)!.step], nice: false },
    axis: { tickMinStep: 1, format: 'd' },
  };
  const y = { field: 'loss', type: 'quantitative', title: 'loss', scale: { zero: false } };
  const encoding = (name: string) => ({ x, y, color: { datum: name } });
  const panel = {
    width: 560,
    height: 300,
    title: 'Loss',
    layer: [
      {
        data: { values: [...train] },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: encoding('train'),
      },
      ...(valid.length === 0
        ? []
        : [
            {
              data: { values: [...valid] },
              mark: { type: 'line', strokeWidth: 2, point: { size: 40, filled: true } },
              encoding: encoding('valid'),
            },
          ]),
    ],
    encoding: {
      color: {
        type: 'nominal',
        scale: {
          domain: valid.length === 0 ? ['train'] : ['train', 'valid'],
          range: [BLUE, ORANGE],
        },
        legend: { title: null, orient: 'bottom', symbolType: 'stroke', symbolStrokeWidth: 3 },
      },
    },
  };
  return vegaPng({ panels: [panel] });
}
