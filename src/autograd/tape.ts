/**
 * Reverse-mode differentiation: every op leaves a record, `backward` walks the records from the
 * last to the first. The tape is also the `Scope` of everything that a step computes.
 */
import { ShapeError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { addForward } from '../kernels/add.ts';
import { fill } from '../kernels/fill.ts';
import { showShape } from '../shape.ts';
import { Gradients } from './gradients.ts';
import { Parameter, Variable } from './variable.ts';

/**
 * Gradient rule of one op: one tensor per input, in input order, or null where there is none.
 * `needs(i)` says whether input i wants its gradient. Results belong to `scope`; returning `dy`
 * itself is allowed.
 */
export type BackwardRule = (
  dy: Tensor,
  scope: Scope,
  needs: (input: number) => boolean,
) => (Tensor | null)[];

interface Entry {
  readonly output: Variable;
  readonly inputs: readonly Variable[];
  readonly rule: BackwardRule;
}

export interface TapeOptions {
  /** Keep records for `backward`. Default true; false for inference, which frees memory block by block. */
  readonly recording?: boolean;
  /** Layers behave as in training (dropout). Default: as `recording`. */
  readonly training?: boolean;
  /** Seeds dropout. */
  readonly seed?: number;
}

export class Tape extends Scope {
  readonly recording: boolean;
  readonly training: boolean;
  readonly seed: number;
  private readonly entries: Entry[] = [];
  private drawn = 0;

  constructor(gpu: Gpu, options: TapeOptions = {}, parent?: Scope) {
    super(gpu, parent);
    this.recording = options.recording ?? true;
    this.training = options.training ?? this.recording;
    this.seed = options.seed ?? 0;
  }

  /** Two 32-bit keys for the next random op of this tape. */
  nextRandomKey(): [number, number] {
    return [this.seed >>> 0, this.drawn++];
  }

  /**
   * Runs a part of a network. While recording its activations stay for `backward`; otherwise all
   * but the result are released at once.
   */
  block(part: (tape: Tape) => Variable): Variable {
    if (this.recording) return part(this);
    const { recording, training, seed } = this;
    using inner = new Tape(this.gpu, { recording, training, seed }, this);
    const result = part(inner);
    inner.keep(result.value);
    return result;
  }

  /** Notes how `value` was computed from `inputs`. */
  record(value: Tensor, inputs: readonly Variable[], rule: BackwardRule): Variable {
    const needsGrad = this.recording && inputs.some((input) => input.needsGrad);
    const output = new Variable(value, needsGrad);
    if (needsGrad) this.entries.push({ output, inputs, rule });
    return output;
  }

  /**
   * Sets `grad` of every parameter that `loss` depends on; the gradients belong to this tape.
   * Values of intermediate results are released on the way.
   *
   * @param loss one value
   */
  backward(loss: Variable): void {
    if (loss.value.size !== 1) {
      throw new ShapeError(
        `Tape.backward: the loss must be one value. Got ${showShape(loss.shape)}. Reduce it to a scalar.`,
      );
    }
    const one = this.tensor(loss.shape, 'Tape.backward.dloss');
    fill(this, one, 1);
    const gradients = new Gradients(this, (a, b) => addForward(this, a, b));
    gradients.add(loss, one);
    for (const { output, inputs, rule } of this.entries.splice(0).reverse()) {
      const dy = gradients.take(output);
      if (dy) {
        const results = rule(dy, this, (input) => inputs[input]?.needsGrad ?? false);
        inputs.forEach((input, index) => {
          const result = results[index];
          if (!result) return;
          if (input.needsGrad) gradients.add(input, result);
          else gradients.drop(result);
        });
        gradients.done(dy);
      }
      if (output !== loss) this.release(output.value);
    }
    for (const [variable, gradient] of gradients.remaining()) {
      if (variable instanceof Parameter) variable.grad = gradient;
    }
  }
}
