import { Tape } from '../autograd/tape.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import { product } from '../shape.ts';
import type { Batch } from './batch.ts';
import { dryBatch } from './dry_step.ts';
import { forwardIn } from './forward_in.ts';
import { AccumulatedDice } from './metrics/accumulated_dice.ts';
import { prepareValidation } from './prepare.ts';

export interface ValidationResult {
  /** Mean over samples; NaN without any. */
  readonly loss: number;
  /** One Dice over all voxels of all batches; NaN without any foreground. */
  readonly accumulatedDice: number;
  /** The same of the foreground classes 1, 2, ..., of which it is the mean; empty without batches. */
  readonly accumulatedDicePerClass: readonly number[];
}

/**
 * Loss and accumulated Dice of a model that behaves as in inference.
 *
 * @param precision of the activations. Default f32
 * @throws the signal's reason when it is aborted
 * @see fastai Recorder (sample-weighted valid_loss), fastMONAI AccumulatedDice
 */
export async function validate(
  gpu: Gpu,
  model: Module,
  loss: Loss,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  signal?: AbortSignal,
  precision?: Precision,
): Promise<ValidationResult> {
  let dice: AccumulatedDice | undefined;
  let weightedLoss = 0;
  let samplesSeen = 0;
  const prepared = new Set<string>();
  for await (const { image, imageShape, label, labelShape } of batches) {
    signal?.throwIfAborted();
    if (!prepared.has(`${imageShape}`)) {
      prepared.add(`${imageShape}`);
      const options = signal ? { signal } : {};
      await prepareValidation(gpu, model, loss, dryBatch(imageShape, precision), options);
    }
    using tape = new Tape(gpu, { recording: false });
    const x = tape.upload(image, imageShape, 'image');
    const target = tape.upload(label, labelShape, 'label');
    const logits = forwardIn(tape, model, x, precision);
    const [batchLoss, values] = await Promise.all([
      gpu.read(loss.forward(tape, logits, target).value),
      gpu.read(logits.value),
    ]);
    const [samples, channels] = [logits.shape[0]!, logits.shape[1]!];
    dice ??= new AccumulatedDice(Math.max(2, channels));
    dice.update(values, label, {
      samples,
      channels,
      voxels: product(logits.shape.slice(2)),
    });
    weightedLoss += samples * batchLoss[0]!;
    samplesSeen += samples;
  }
  return {
    loss: weightedLoss / samplesSeen,
    accumulatedDice: dice?.value ?? Number.NaN,
    accumulatedDicePerClass: dice?.perClass ?? [],
  };
}
