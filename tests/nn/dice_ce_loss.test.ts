import { expect, it } from 'vitest';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { DiceCELoss } from '../../src/nn/dice_ce_loss.ts';
import { testGpu } from '../helpers/gpu.ts';

async function lossOf(loss: DiceCELoss, logits: number[], labels: number[]): Promise<number> {
  const gpu = await testGpu();
  using tape = new Tape(gpu);
  const x = new Variable(tape.upload(Float32Array.from(logits), [1, 2, 1, 1, labels.length]));
  const target = tape.upload(Uint32Array.from(labels), [1, 1, 1, 1, labels.length]);
  return (await gpu.read(loss.forward(tape, x, target).value))[0]!;
}

it('is the sum of Dice and cross-entropy for undecided logits', async () => {
  // p = 1/2 everywhere, one voxel of each class: per class 1 - (2 * 0.5) / (1 + 1) = 1/2.
  const value = await lossOf(new DiceCELoss(), [0, 0, 0, 0], [0, 1]);
  expect(value).toBeCloseTo(0.5 + Math.log(2), 4);
});

it('hands its options to the op', async () => {
  const onlyDice = await lossOf(new DiceCELoss({ lambdaCe: 0 }), [0, 0, 0, 0], [0, 1]);
  expect(onlyDice).toBeCloseTo(0.5, 4);
});

it('is NaN for a label that is no class', async () => {
  expect(await lossOf(new DiceCELoss(), [0, 0, 0, 0], [0, 2])).toBeNaN();
});
