import { expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { Recorder } from '../../src/train/recorder.ts';
import { SmoothedLoss } from '../../src/train/smoothed_loss.ts';
import { epochRecords, historyOf } from '../helpers/epoch_records.ts';

function recorder(validLosses: number[]): Recorder {
  const recorded = new Recorder();
  recorded.start(historyOf(epochRecords(validLosses.map((validLoss) => ({ validLoss })))));
  return recorded;
}

it('plots smoothed losses from the sixth step on, and validation at the ends of epochs', () => {
  const { train, valid } = recorder([0.9, 0.8, Number.NaN, 0.6]).plotLoss();
  const smoothed = new SmoothedLoss();
  const losses = Array.from({ length: 8 }, (_, step) => smoothed.update(1 / (1 + step)));
  expect(train).toEqual([6, 7, 8].map((step) => ({ step, loss: losses[step - 1] })));
  // Epochs end after 2, 4, 6 and 8 steps; the third has no value.
  expect(valid).toEqual([{ step: 8, loss: 0.6 }]);
});

it('leaves out what it is told to', () => {
  const plot = recorder([0.9, 0.8]).plotLoss({ skipStart: 0, withValid: false });
  expect([plot.train.length, plot.valid.length]).toEqual([4, 0]);
  expect(recorder([0.9]).lrs).toEqual([0.01, 0.01]);
});

it('has nothing before the first fit', () => {
  expect(() => new Recorder().plotLoss()).toThrow(ConfigError);
});
