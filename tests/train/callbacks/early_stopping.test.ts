import { expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import {
  type EarlyStoppingOptions,
  earlyStopping,
} from '../../../src/train/callbacks/early_stopping.ts';
import { epochRecords, fakeFit, historyOf } from '../../helpers/epoch_records.ts';

/** Epochs that are trained for these validation losses, and what is said at the end. */
function epochsOf(losses: number[], options: EarlyStoppingOptions, before = 0) {
  const records = epochRecords(losses.map((validLoss) => ({ validLoss })));
  const { fit, messages, reasons } = fakeFit(historyOf(records.slice(0, before)));
  const callback = earlyStopping(options);
  callback.beforeFit!(fit);
  let epochs = before;
  for (const record of records.slice(before)) {
    if (reasons.length > 0) break;
    callback.afterEpoch!(record, fit);
    epochs++;
  }
  return { epochs, messages, reasons };
}

const LOSSES = [0.9, 0.5, 0.6, 0.5, 0.4, 0.45, 0.5, 0.41, 0.3];

it('ends after as many epochs without a better one as it has patience', () => {
  expect(epochsOf(LOSSES, {}).epochs).toBe(3);
  expect(epochsOf(LOSSES, { patience: 3 })).toEqual({
    epochs: 8,
    messages: ['No improvement since epoch 4: early stopping'],
    reasons: ['No improvement since epoch 4: early stopping'],
  });
  expect(epochsOf(LOSSES, { patience: 4 })).toMatchObject({ epochs: 9, reasons: [] });
});

it('ends at the same epoch when the fit was interrupted before', () => {
  for (const before of [1, 5, 6, 7]) {
    expect(epochsOf(LOSSES, { patience: 3 }, before).epochs).toBe(8);
  }
});

it('counts epochs without a value as no better', () => {
  expect(epochsOf([Number.NaN, Number.NaN, 0.1], { patience: 2 }).epochs).toBe(2);
});

it('refuses a patience of no epochs', () => {
  expect(() => earlyStopping({ patience: 0 })).toThrow(ConfigError);
});
