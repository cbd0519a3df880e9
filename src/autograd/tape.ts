/**
 * Reverse-mode differentiation: every op leaves a record, `backward` walks the records from the
 * last to the first. The tape is also the `Scope` of everything that a step computes.
 */
import { ShapeError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { concatForward } from '../kernels/concat.ts';
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
  reads: Reads,
) => (Tensor | null)[];

/** What a rule may do with the values of its inputs, to need less memory. */
export interface Reads {
  /**
   * The value of input i, to be overwritten and returned as the gradient of input i: itself if
   * nobody else will read it, otherwise a copy.
   */
  take(input: number): Tensor;
  /** This rule reads the value of input i no more: it is released if nobody else will. */
  done(input: number): void;
}

interface Operation {
  readonly output: Variable;
  readonly inputs: readonly Variable[];
  readonly rule: BackwardRule;
  readonly saved: readonly Tensor[];
}

/** A part of a network of which only the result was kept. */
interface Checkpoint {
  readonly output: Variable;
  readonly part: (tape: Tape) => Variable;
  /** Random keys drawn before it ran. */
  readonly drawn: number;
}

type Entry = Operation | Checkpoint;

export interface TapeOptions {
  /** Keep records for `backward`. Default true; false for inference, which frees memory block by block. */
  readonly recording?: boolean;
  /** Layers behave as in training (dropout). Default: as `recording`. */
  readonly training?: boolean;
  /** Seeds dropout. */
  readonly seed?: number;
  /**
   * Keep of each `checkpoint` its result only, and compute the rest again in `backward`: less
   * memory, about one more forward pass, the same gradients bit for bit. Default false.
   */
  readonly checkpointing?: boolean;
}

export class Tape extends Scope {
  readonly recording: boolean;
  readonly training: boolean;
  readonly seed: number;
  readonly checkpointing: boolean;
  private readonly entries: Entry[] = [];
  /** How many rules and checkpoints will read a tensor again. */
  private readonly saved = new Map<Tensor, number>();
  /** What ops of this tape computed. */
  private readonly computed = new Set<Tensor>();
  /** Whether results depend on something that wants a gradient, although nothing is recorded. */
  private follows: boolean;
  private drawn = 0;

  constructor(gpu: Gpu, options: TapeOptions = {}, parent?: Scope) {
    super(gpu, parent);
    this.recording = options.recording ?? true;
    this.training = options.training ?? this.recording;
    this.seed = options.seed ?? 0;
    this.checkpointing = options.checkpointing ?? false;
    this.follows = this.recording;
  }

  /** Two 32-bit keys for the next random op of this tape. */
  nextRandomKey(): [number, number] {
    return [this.seed >>> 0, this.drawn++];
  }

  /**
   * Runs a part of a network. Of its activations those stay that `backward` reads, and the result;
   * the others are released at once.
   */
  block(part: (tape: Tape) => Variable): Variable {
    if (!this.recording) return this.forgetting(part);
    const first = this.entries.length;
    const result = part(this);
    for (const { output } of this.entries.slice(first)) {
      // An op in place has the value of its input.
      if (output.value !== result.value && !this.saved.has(output.value)) {
        this.release(output.value);
      }
    }
    return result;
  }

  /**
   * As `block`, for a part small enough to be computed twice: with `checkpointing` only its result
   * is kept, and `backward` runs the part again for its activations.
   *
   * @param part must compute the same each time, and nothing beside its result
   * @see torch.utils.checkpoint; Chen et al. 2016, "Training deep nets with sublinear memory cost"
   */
  checkpoint(part: (tape: Tape) => Variable): Variable {
    if (!this.recording || !this.checkpointing) return this.block(part);
    const { drawn } = this;
    const output = this.forgetting(part);
    if (output.needsGrad) {
      this.entries.push({ output, part, drawn });
      this.computed.add(output.value);
    }
    return output;
  }

  /**
   * Notes how `value` was computed from `inputs`.
   *
   * @param saved values that the rule reads, of `value` and those of the inputs. Default: all
   */
  record(
    value: Tensor,
    inputs: readonly Variable[],
    rule: BackwardRule,
    saved: readonly Tensor[] = [value, ...inputs.map((input) => input.value)],
  ): Variable {
    const needsGrad = this.follows && inputs.some((input) => input.needsGrad);
    const output = new Variable(value, needsGrad);
    if (this.recording) {
      if (!needsGrad) return output;
      for (const tensor of saved) this.willRead(tensor);
      this.entries.push({ output, inputs, rule, saved });
      this.computed.add(value);
    } else if (this.follows) {
      // A checkpoint will read its inputs again, whichever they are.
      for (const input of inputs) this.willRead(input.value);
    }
    return output;
  }

  /**
   * Sets `grad` of every parameter that `loss` depends on; the gradients belong to this tape.
   * Values of intermediate results are released on the way.
   *
   * @param loss one value
   * @param scale factor of all gradients. Default 1
   */
  backward(loss: Variable, scale = 1): void {
    if (loss.value.size !== 1) {
      throw new ShapeError(
        `Tape.backward: the loss must be one value. Got ${showShape(loss.shape)}. Reduce it to a scalar.`,
      );
    }
    const dloss = this.tensor(loss.shape, 'Tape.backward.dloss');
    fill(this, dloss, scale);
    const gradients = new Gradients(this);
    gradients.add(loss, dloss);
    this.walk(this, gradients, loss);
    for (const [variable, gradient] of gradients.remaining()) {
      if (variable instanceof Parameter) variable.grad = gradient;
    }
  }

  /** Takes the records of `tape`, this one or one that repeats a checkpoint, from last to first. */
  private walk(tape: Tape, gradients: Gradients, loss: Variable): void {
    for (const entry of tape.entries.splice(0).reverse()) {
      const { output } = entry;
      const discard = (): void => {
        if (output !== loss && !gradients.holds(output.value)) tape.release(output.value);
      };
      if ('part' in entry) {
        // Computed again at once: until then there is room for it.
        discard();
        if (gradients.has(output)) this.repeat(entry, gradients, loss);
        continue;
      }
      // Nobody after this op is left to read its result.
      if (!entry.saved.includes(output.value)) discard();
      const dy = gradients.take(output);
      if (dy) {
        this.differentiate(tape, entry, dy, gradients);
        gradients.done(dy);
      }
      discard();
      for (const tensor of entry.saved) tape.hasRead(tensor);
    }
  }

  /** @param tape that recorded the op; gradients and scratch belong to this one */
  private differentiate(
    tape: Tape,
    { inputs, rule, saved }: Operation,
    dy: Tensor,
    gradients: Gradients,
  ): void {
    const needs = (input: number): boolean => inputs[input]?.needsGrad ?? false;
    /** Whether nobody but this rule will read the value of an input, and it is no leaf. */
    const isLast = (input: number): boolean => {
      const { value } = inputs[input]!;
      const own = saved.filter((tensor) => tensor === value).length;
      return tape.computed.has(value) && tape.saved.get(value) === own;
    };
    const take = (input: number): Tensor => {
      const { value } = inputs[input]!;
      return isLast(input) ? value : concatForward(this, [value]);
    };
    const done = (input: number): void => {
      if (isLast(input)) tape.release(inputs[input]!.value);
    };
    const results = rule(dy, this, needs, { take, done });
    inputs.forEach((input, index) => {
      const result = results[index];
      if (!result) return;
      // From a value it became a gradient, which outlives the tape of a checkpoint.
      if (result === input.value && tape !== this) tape.keep(result);
      if (input.needsGrad) gradients.add(input, result);
      else gradients.drop(result);
    });
  }

  /**
   * The gradients join those outside in the order in which they would without checkpointing, as
   * sums in f32 depend on it.
   */
  private repeat({ part, output, drawn }: Checkpoint, gradients: Gradients, loss: Variable): void {
    using inner = this.inner(true);
    inner.drawn = drawn;
    gradients.move(output, part(inner));
    this.walk(inner, gradients, loss);
  }

  private forgetting(part: (tape: Tape) => Variable): Variable {
    using inner = this.inner(false);
    const result = part(inner);
    inner.keep(result.value);
    this.drawn = inner.drawn;
    for (const tensor of inner.saved.keys()) this.willRead(tensor);
    return result;
  }

  private willRead(tensor: Tensor): void {
    this.saved.set(tensor, (this.saved.get(tensor) ?? 0) + 1);
  }

  private hasRead(tensor: Tensor): void {
    const readers = this.saved.get(tensor)! - 1;
    if (readers > 0) this.saved.set(tensor, readers);
    else this.saved.delete(tensor);
  }

  /** A tape that goes on where this one is. */
  private inner(recording: boolean): Tape {
    const { training, seed } = this;
    const inner = new Tape(this.gpu, { recording, training, seed }, this);
    inner.follows = this.follows;
    inner.drawn = this.drawn;
    return inner;
  }
}
