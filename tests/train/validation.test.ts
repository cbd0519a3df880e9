import { expect, it } from 'vitest';
import { DiceCELoss } from '../../src/nn/dice_ce_loss.ts';
import type { Batch } from '../../src/train/batch.ts';
import { validate } from '../../src/train/validation.ts';
import { testGpu } from '../helpers/gpu.ts';
import { toyBatch, toyNetwork } from '../helpers/toy_training.ts';

async function result(batches: Batch[], dropout = 0) {
  const gpu = await testGpu();
  const model = toyNetwork(gpu, { dropout });
  try {
    return await validate(gpu, model, new DiceCELoss(), batches);
  } finally {
    model.dispose();
  }
}

it('weighs batches by their samples', async () => {
  const [small, large] = [toyBatch(1, 1), toyBatch(2, 3)];
  const together = await result([small, large]);
  const apart = [(await result([small])).loss, (await result([large])).loss] as const;
  expect(together.loss).toBeCloseTo((apart[0] + 3 * apart[1]) / 4, 5);
});

it('counts voxels over all batches instead of averaging ratios', async () => {
  const [one, other] = [toyBatch(1, 1), toyBatch(2, 1)];
  // All background: only false positives may come from here.
  const empty = { ...other, label: new Uint32Array(other.label.length) };
  const alone = await result([one]);
  const both = await result([one, empty]);
  expect(both.accumulatedDice).toBeGreaterThan(0);
  expect(both.accumulatedDice).toBeLessThan(alone.accumulatedDice);
});

it('behaves as in inference: no dropout', async () => {
  expect(await result([toyBatch(4)], 0.5)).toEqual(await result([toyBatch(4)], 0));
});

it('is NaN without batches', async () => {
  expect(await result([])).toEqual({
    loss: Number.NaN,
    accumulatedDice: Number.NaN,
    accumulatedDicePerClass: [],
  });
});

it('leaves no GPU memory in use', async () => {
  const gpu = await testGpu();
  const before = gpu.pool.bytesInUse;
  await result([toyBatch(1), toyBatch(2)]);
  expect(gpu.pool.bytesInUse).toBe(before);
});
