import { expect, it } from 'vitest';
import { Monitor } from '../../../src/train/callbacks/monitor.ts';
import { epochRecords, historyOf } from '../../helpers/epoch_records.ts';

const dices = (values: number[]) =>
  epochRecords(values.map((accumulatedDice) => ({ accumulatedDice })));
const losses = (values: number[]) => epochRecords(values.map((validLoss) => ({ validLoss })));

it('takes an epoch that is strictly better; equal ones and NaN are not', () => {
  const monitor = new Monitor({}, 'accumulated_dice');
  const better = dices([Number.NaN, 0.2, 0.2, 0.1, Number.NaN, 0.3]).map((record) =>
    monitor.update(record),
  );
  expect(better).toEqual([false, true, false, false, false, true]);
  expect([monitor.best, monitor.bestEpoch]).toEqual([0.3, 5]);
});

it('wants a loss to fall', () => {
  const monitor = new Monitor({ monitor: 'valid_loss' }, 'accumulated_dice');
  expect(losses([0.5, 0.6, 0.4]).map((record) => monitor.update(record))).toEqual([
    true,
    false,
    true,
  ]);
  expect(monitor.best).toBe(0.4);
});

it('takes only what is better by more than minDelta, in both directions', () => {
  const up = new Monitor({ minDelta: 0.125 }, 'accumulated_dice');
  expect(dices([0.25, 0.375, 0.5]).map((record) => up.update(record))).toEqual([true, false, true]);
  const down = new Monitor({ minDelta: 0.125 }, 'valid_loss');
  expect(losses([0.5, 0.375, 0.25]).map((record) => down.update(record))).toEqual([
    true,
    false,
    true,
  ]);
});

it('compares the other way round when told to', () => {
  const monitor = new Monitor({ comparison: 'greater' }, 'valid_loss');
  expect(losses([0.5, 0.6]).map((record) => monitor.update(record))).toEqual([true, true]);
});

it('starts over with the epochs of a history', () => {
  const monitor = new Monitor({}, 'accumulated_dice');
  monitor.update(dices([0.9])[0]!);
  monitor.replay(historyOf(dices([0.1, 0.4, 0.2])));
  expect([monitor.best, monitor.bestEpoch]).toEqual([0.4, 1]);
});
