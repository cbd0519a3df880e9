/** A run's history as points of MLflow curves. */
import * as z from 'zod';
import type { MetricPoint } from './mlflow_client.ts';
import { snakeCase } from './run_params.ts';

const count = z.int().nonnegative();

/** JSON has no NaN: history.json holds null instead. */
const schema = z.looseObject({
  totalSteps: count,
  lossName: z.string().optional(),
  stopped: z.string().optional(),
  steps: z.array(z.looseObject({ step: count, loss: z.number().nullable(), lr: z.number() })),
  epochs: z.array(
    z.looseObject({ epoch: count, steps: count, seconds: z.number().nonnegative().default(0) }),
  ),
});

export type RunHistory = z.output<typeof schema>;

/** What a history.json says; undefined for what is none, as of a run that has not begun. */
export function parseHistory(json: unknown): RunHistory | undefined {
  return schema.safeParse(json).data;
}

/** `accumulatedDicePerClass` is what fastMONAI calls `accumulated_dice` of several classes. */
const metricName = (name: string): string => snakeCase(name.replace(/PerClass$/, ''));

/** Of an epoch's record, what is no metric. @see fastMONAI leaves out epoch and time, too */
const NO_METRIC = /^(epoch|steps|isBest)$|seconds$/i;

/**
 * Points of one value: itself, or `<name>_class_<i>` from 1 and `<name>_mean` of a list. NaN, null and what is
 * infinite have none.
 *
 * @see fastMONAI ModelTrackingCallback._extract_epoch_metrics
 */
export function metricValues(name: string, value: unknown): [string, number][] {
  const named: [string, unknown][] = Array.isArray(value)
    ? [
        ...value.map((item, n): [string, unknown] => [`${name}_class_${n + 1}`, item]),
        [`${name}_mean`, mean(value)],
      ]
    : [[name, value]];
  return named.filter((pair): pair is [string, number] => Number.isFinite(pair[1]));
}

const mean = (values: readonly unknown[]): number =>
  values.reduce((sum: number, value) => sum + (typeof value === 'number' ? value : Number.NaN), 0) /
  values.length;

/**
 * Every point, curve by curve with ascending steps: per epoch (from 0) every number of its record, e.g. `train_loss`,
 * `valid_loss`, `accumulated_dice`; per step `train_loss_step` and `learning_rate_step`.
 *
 * @param startedAt of the training, milliseconds since 1970: times count from there, by the seconds that each
 *                  epoch took, so that the same history always gives the same points
 */
export function metricPoints(history: RunHistory, startedAt: number): Map<string, MetricPoint[]> {
  const curves = new Map<string, MetricPoint[]>();
  const add = (key: string, value: number, step: number, timestamp: number): void => {
    const curve = curves.get(key) ?? [];
    curves.set(key, curve);
    curve.push({ key, value, step, timestamp: Math.round(timestamp) });
  };
  const { steps, epochs } = history;
  const ends = [{ steps: 0, time: startedAt }];
  for (const record of epochs) {
    const time = ends.at(-1)!.time + 1000 * record.seconds;
    ends.push({ steps: record.steps, time });
    for (const [name, value] of Object.entries(record)) {
      if (NO_METRIC.test(name)) continue;
      for (const [key, number] of metricValues(metricName(name), value))
        add(key, number, record.epoch, time);
    }
  }
  let epoch = 0;
  for (const { step, loss, lr } of steps) {
    while (epoch < epochs.length && step >= epochs[epoch]!.steps) epoch++;
    const from = ends[epoch]!;
    // Steps of an epoch that was interrupted have no end to share out.
    const to = ends[epoch + 1] ?? { steps: from.steps + 1, time: from.time };
    const share = (step + 1 - from.steps) / (to.steps - from.steps);
    const time = from.time + Math.min(share, 1) * (to.time - from.time);
    if (loss !== null && Number.isFinite(loss)) add('train_loss_step', loss, step, time);
    add('learning_rate_step', lr, step, time);
  }
  return curves;
}
