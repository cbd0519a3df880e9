import { describe, expect, it } from 'vitest';
import { AccumulatedDice } from '../../../src/train/metrics/accumulated_dice.ts';

/** One sample of two channels whose argmax is `predicted`. */
const logitsOf = (predicted: number[]) => [
  ...predicted.map((c) => (c === 0 ? 1 : -1)),
  ...predicted.map((c) => (c === 1 ? 1 : -1)),
];

describe('AccumulatedDice', () => {
  it('divides once over all batches, it does not average ratios', () => {
    const metric = new AccumulatedDice();
    const layout = { samples: 1, channels: 2, voxels: 4 };
    metric.update(logitsOf([1, 1, 1, 1]), [1, 1, 1, 1], layout);
    metric.update(logitsOf([1, 0, 0, 0]), [0, 0, 0, 1], layout);
    expect(metric.value).toBe(8 / 10);
    metric.reset();
    expect(metric.value).toBeNaN();
  });

  it('keeps samples of a batch apart', () => {
    const metric = new AccumulatedDice();
    const logits = [...logitsOf([1, 0]), ...logitsOf([0, 1])];
    metric.update(logits, [1, 0, 0, 1], { samples: 2, channels: 2, voxels: 2 });
    expect(metric.value).toBe(1);
  });

  it('decides ties for the lowest class', () => {
    const metric = new AccumulatedDice();
    metric.update([0, 0], [1], { samples: 1, channels: 2, voxels: 1 });
    expect(metric.confusions).toEqual([{ truePositives: 0, falsePositives: 0, falseNegatives: 1 }]);
  });

  it('takes one channel as foreground from sigmoid 0.5 on', () => {
    const metric = new AccumulatedDice();
    metric.update([0, -0.01, 3], [1, 1, 1], { samples: 1, channels: 1, voxels: 3 });
    expect(metric.value).toBe(4 / 5);
  });

  it('averages the foreground classes that occurred', () => {
    const metric = new AccumulatedDice(4);
    const voxel = (c: number) => [0, 1, 2, 3].map((n) => (n === c ? 1 : 0));
    const layout = { samples: 1, channels: 4, voxels: 1 };
    metric.update(voxel(1), [1], layout);
    metric.update(voxel(2), [1], layout);
    expect(metric.value).toBeCloseTo((2 / 3 + 0) / 2, 12);
    expect(metric.perClass).toEqual([2 / 3, 0, Number.NaN]);
    metric.add(3, { truePositives: 1, falsePositives: 0, falseNegatives: 0 });
    expect(metric.value).toBeCloseTo((2 / 3 + 0 + 1) / 3, 12);
  });

  it('refuses arrays that do not fill the batch', () => {
    const layout = { samples: 1, channels: 2, voxels: 4 };
    expect(() => new AccumulatedDice().update(new Float32Array(8), [1], layout)).toThrow(
      /8 logits and 1/,
    );
  });
});
