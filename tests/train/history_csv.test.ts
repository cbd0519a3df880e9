import { expect, it } from 'vitest';
import { historyCsv } from '../../src/train/history_csv.ts';
import { epochRecords, historyOf } from '../helpers/epoch_records.ts';

it('has a row per epoch, empty cells for what does not exist, and times as fastai shows them', () => {
  const epochs = epochRecords([
    { trainLoss: 1.5, validLoss: 1.25, accumulatedDice: Number.NaN },
    { trainLoss: 0.5, validLoss: 0.75, accumulatedDice: 0.625 },
  ]);
  const timed = [
    { ...epochs[0]!, seconds: 72.9 },
    { ...epochs[1]!, seconds: 3723 },
  ];
  expect(historyCsv(historyOf(timed))).toBe(
    'epoch,train_loss,valid_loss,accumulated_dice,time\n0,1.5,1.25,,01:12\n1,0.5,0.75,0.625,1:02:03\n',
  );
});

it('has a column per class where there are several', () => {
  const [record] = epochRecords([{ trainLoss: 1, validLoss: 1, accumulatedDice: 0.5 }]);
  const epochs = [{ ...record!, accumulatedDicePerClass: [0.25, 0.75] }];
  expect(historyCsv(historyOf(epochs)).split('\n').slice(0, 2)).toEqual([
    'epoch,train_loss,valid_loss,accumulated_dice,accumulated_dice_1,accumulated_dice_2,time',
    '0,1,1,0.5,0.25,0.75,00:01',
  ]);
});

it('is a header alone before the first epoch', () => {
  expect(historyCsv(historyOf([]))).toBe('epoch,train_loss,valid_loss,accumulated_dice,time\n');
});
