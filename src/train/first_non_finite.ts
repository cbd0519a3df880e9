/** Where numbers stopped being numbers: the question that a NaN loss raises. */
import { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { Loss } from '../nn/dice_ce_loss.ts';
import type { Module } from '../nn/module.ts';
import { uploadBatch } from './augment_batch.ts';
import type { Batch } from './batch.ts';
import { forwardIn } from './forward_in.ts';

const allFinite = (values: ArrayLike<number>): boolean => {
  for (let n = 0; n < values.length; n++) if (!Number.isFinite(values[n])) return false;
  return true;
};

/** Keeps every op's output and the name of the layer it belongs to. */
class WatchingTape extends Tape {
  readonly outputs: { value: Tensor; layer: string }[] = [];
  private readonly names: ReadonlyMap<Variable, string>;
  private layer = 'the input';

  constructor(gpu: Gpu, seed: number, names: ReadonlyMap<Variable, string>) {
    super(gpu, { recording: true, seed });
    this.names = names;
  }

  /** Releases nothing. */
  override block(part: (tape: Tape) => Variable): Variable {
    return part(this);
  }

  override record(...args: Parameters<Tape['record']>): Variable {
    const [value, inputs] = args;
    const parameter = inputs.find((input) => this.names.has(input));
    const isOwn = parameter !== undefined;
    if (isOwn) this.layer = this.names.get(parameter)!.replace(/\.[^.]+$/, '');
    this.outputs.push({ value, layer: isOwn ? this.layer : `what follows ${this.layer}` });
    return super.record(...args);
  }
}

/**
 * Runs one training batch again and says in words what is not finite first: the batch, a weight, or
 * the output of a layer.
 *
 * @param seed of the tape of that step, so that dropout repeats
 * @param precision of the activations. Default f32
 */
export async function firstNonFinite(
  gpu: Gpu,
  model: Module,
  loss: Loss,
  batch: Batch,
  seed: number,
  precision?: Precision,
): Promise<string> {
  if (!allFinite(batch.image)) return 'the image patches themselves';
  const names = new Map<Variable, string>();
  for (const { name, parameter } of model.namedParameters()) {
    if (!allFinite(await gpu.read(parameter.value))) return `the weights ${name}`;
    names.set(parameter, name);
  }
  using tape = new WatchingTape(gpu, seed, names);
  const { image, target } = uploadBatch(tape, batch);
  if (!allFinite(await gpu.read(image))) return 'the image patches after augmentation';
  const logits = forwardIn(tape, model, image, precision);
  const layers = tape.outputs.length;
  loss.forward(tape, logits, target);
  for (const { value, layer } of tape.outputs.slice(0, layers)) {
    if (!allFinite(await gpu.read(value))) return `the output of ${layer}`;
  }
  return 'the loss itself: the logits are finite; is every label below the number of classes?';
}
