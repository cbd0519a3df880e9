import { product } from '../../../src/shape.ts';
import { AccumulatedDice } from '../../../src/train/metrics/accumulated_dice.ts';
import type { GoldenHandler } from '../case.ts';

/** Axis 0 of both inputs counts the batches. */
export const handler: GoldenHandler = (c) => {
  const logits = c.input('logits');
  const target = c.input('target');
  const [batches = 0, samples = 0, channels = 0, ...spatial] = logits.shape;
  const layout = { samples, channels, voxels: product(spatial) };
  const metric = new AccumulatedDice(c.params.n_classes);
  const perBatch = logits.data.length / batches;
  const labelsPerBatch = target.data.length / batches;
  for (let batch = 0; batch < batches; batch++) {
    metric.update(
      logits.data.subarray(batch * perBatch, (batch + 1) * perBatch),
      target.data.subarray(batch * labelsPerBatch, (batch + 1) * labelsPerBatch),
      layout,
    );
  }
  const counts = metric.confusions.flatMap((n) => [
    n.truePositives,
    n.falsePositives,
    n.falseNegatives,
  ]);
  return { dice: { data: [metric.value] }, tp_fp_fn: { data: counts } };
};
