import { expect, test } from 'vitest';
import { metricPoints, metricValues, parseHistory } from '../../../src/node/mlflow/run_metrics.ts';
import { recordedHistory } from '../../helpers/recorded_run.ts';

const parsed = (history: unknown) => parseHistory(JSON.parse(JSON.stringify(history)))!;

test('every epoch and every step gives its points, with times that do not decrease', () => {
  const history = recordedHistory({ steps: 12, totalSteps: 20, stepsPerEpoch: 5 });
  const curves = metricPoints(parsed(history), 1_000_000);
  const steps = Object.fromEntries(
    [...curves].map(([key, curve]) => [key, curve.map((p) => p.step)]),
  );
  const all = Array.from({ length: 12 }, (_, step) => step);
  expect(steps).toEqual({
    train_loss: [0, 1],
    valid_loss: [0, 1],
    accumulated_dice: [0, 1],
    train_loss_step: all,
    learning_rate_step: all,
  });
  expect(curves.get('valid_loss')!.map(({ value }) => value)).toEqual(
    history.epochs.map(({ validLoss }) => validLoss),
  );
  expect(curves.get('train_loss')!.map(({ timestamp }) => timestamp)).toEqual([
    1_012_500, 1_025_000,
  ]);
  const times = curves.get('train_loss_step')!.map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times[4]).toBe(1_012_500);
});

test('what an epoch took is no metric', () => {
  const history = recordedHistory();
  const epochs = history.epochs.map((record) => ({ ...record, dataSeconds: 1, idleSeconds: 2 }));
  const keys = [...metricPoints(parsed({ ...history, epochs }), 0).keys()];
  expect(keys.filter((key) => key.includes('seconds'))).toEqual([]);
});

test('the same history gives the same points, whatever comes after it', () => {
  const early = metricPoints(parsed(recordedHistory({ steps: 10 })), 7);
  const late = metricPoints(parsed(recordedHistory({ steps: 20 })), 7);
  for (const [key, curve] of early) expect(late.get(key)!.slice(0, curve.length)).toEqual(curve);
});

test('what was NaN has no point', () => {
  const curves = metricPoints(parsed(recordedHistory({ dice: [Number.NaN, 0.5] })), 0);
  expect(curves.get('accumulated_dice')!.map(({ step }) => step)).toEqual([1, 2, 3]);
});

test('several classes have a curve each, counted from 1, and their mean', () => {
  const history = recordedHistory();
  const epochs = history.epochs.map((record) => ({
    ...record,
    accumulatedDicePerClass: [0.5, 0.75],
  }));
  const curves = metricPoints(parsed({ ...history, epochs }), 0);
  expect(curves.get('accumulated_dice_class_1')![0]!.value).toBe(0.5);
  expect(curves.get('accumulated_dice_class_2')![0]!.value).toBe(0.75);
  expect(curves.get('accumulated_dice_mean')![0]!.value).toBe(0.625);
  expect(curves.has('accumulated_dice')).toBe(true);
  expect(metricValues('dsc', [0.5, null])).toEqual([['dsc_class_1', 0.5]]);
});

test.each([undefined, null, {}, { totalSteps: 3, steps: 'x', epochs: [] }])(
  'what is no history is none: %j',
  (json) => {
    expect(parseHistory(json)).toBe(undefined);
  },
);
