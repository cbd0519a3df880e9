import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import { Module } from './module.ts';

/** Modules one after the other, registered under `prefix` and their number. @see torch.nn.Sequential */
export class Sequential extends Module {
  private readonly parts: readonly Module[];

  constructor(parts: readonly Module[], prefix = '') {
    super();
    this.parts = parts.map((part, n) => this.addModule(`${prefix}${n}`, part));
  }

  forward(tape: Tape, x: Variable): Variable {
    return this.upTo(this.parts.length - 1, tape, x);
  }

  /** Nested blocks, so that inference holds a part's input no longer than the part runs. */
  private upTo(last: number, tape: Tape, x: Variable): Variable {
    if (last < 0) return x;
    return tape.block((inner) => this.parts[last]!.forward(inner, this.upTo(last - 1, inner, x)));
  }
}
