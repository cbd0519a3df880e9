/** The epochs of a training as a table. */
import type { EpochRecord, History } from './history.ts';

/**
 * One row per epoch: epoch, train_loss, valid_loss, accumulated_dice, with several classes also that of
 * each (accumulated_dice_1, ...), time. A value that does not exist is empty.
 *
 * @see fastai CSVLogger
 */
export function historyCsv({ epochs }: History): string {
  const classes = Math.max(0, ...epochs.map((record) => perClass(record).length));
  const names = Array.from({ length: classes }, (_, n) => `accumulated_dice_${n + 1}`);
  const header = ['epoch', 'train_loss', 'valid_loss', 'accumulated_dice', ...names, 'time'];
  const rows = epochs.map((record) => {
    const dices = perClass(record);
    const values = [record.trainLoss, record.validLoss, record.accumulatedDice];
    const cells = [...values, ...names.map((_, n) => dices[n] ?? Number.NaN)].map(cell);
    return [record.epoch, ...cells, showTime(record.seconds)];
  });
  return [header, ...rows].map((row) => `${row.join(',')}\n`).join('');
}

const perClass = ({ accumulatedDicePerClass = [] }: EpochRecord): readonly number[] =>
  accumulatedDicePerClass;

const cell = (value: number): string => (Number.isFinite(value) ? String(value) : '');

/** `00:12`, `1:02:03`. @see fastprogress format_time */
function showTime(seconds: number): string {
  const whole = Math.trunc(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}
