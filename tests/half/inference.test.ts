import { describe, expect, test } from 'vitest';
import type { Precision } from '../../src/gpu/shader.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { DiceCELoss } from '../../src/nn/dice_ce_loss.ts';
import { slidingWindow } from '../../src/train/sliding_window.ts';
import { validate } from '../../src/train/validation.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { hasHalf } from '../helpers/half.ts';
import { randomArray } from '../helpers/random.ts';
import { toyBatch, toyNetwork } from '../helpers/toy_training.ts';

describe.skipIf(!hasHalf)('inference in half precision', () => {
  test('gives the probabilities of f32 within a hundredth, and leaves no memory behind', async () => {
    const gpu = await testGpu();
    const model = toyNetwork(gpu);
    const shape = [1, 11, 8, 9] as const;
    const input = volume(randomArray(shape, 1), shape, fromSpacing([1, 1, 1], [0, 0, 0]));
    const before = gpu.pool.bytesInUse;
    const run = (precision: Precision) =>
      slidingWindow(gpu, model, input, {
        patchSize: [8, 8, 8],
        patchOverlap: 0.5,
        aggregationMode: 'hann',
        swBatchSize: 2,
        precision,
      });
    const [full, half] = [await run('f32'), await run('f16')];
    expect(half.data).not.toEqual(full.data);
    expectClose(half.data, full.data, { rtol: 0, atol: 0.01, shape: half.shape });
    expect(gpu.pool.bytesInUse).toBe(before);
    model.dispose();
  });

  test('validates as f32 does', async () => {
    const gpu = await testGpu();
    const model = toyNetwork(gpu);
    const batches = [toyBatch(1), toyBatch(2, 1)];
    const run = (precision: Precision) =>
      validate(gpu, model, new DiceCELoss(), batches, undefined, precision);
    const [full, half] = [await run('f32'), await run('f16')];
    expect(half.loss).toBeCloseTo(full.loss, 2);
    expect(Math.abs(half.accumulatedDice - full.accumulatedDice)).toBeLessThan(0.01);
    model.dispose();
  });
});
