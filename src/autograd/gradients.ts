/** Gradients under way: added where a variable is used twice, released when nobody waits for them. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { addForward, addInPlace } from '../kernels/add.ts';
import type { Variable } from './variable.ts';

export class Gradients {
  private readonly scope: Scope;
  private readonly byVariable = new Map<Variable, Tensor>();
  /** A rule may hand the same tensor to several inputs, so each is counted. */
  private readonly holders = new Map<Tensor, number>();

  /** @param scope owns the gradients */
  constructor(scope: Scope) {
    this.scope = scope;
  }

  add(variable: Variable, gradient: Tensor): void {
    const before = this.byVariable.get(variable);
    if (!before) {
      this.hold(gradient);
      this.byVariable.set(variable, gradient);
      return;
    }
    this.byVariable.set(variable, this.sum(before, gradient));
  }

  /** The finished gradient of `variable`; the caller owes a `done`. */
  take(variable: Variable): Tensor | undefined {
    const gradient = this.byVariable.get(variable);
    this.byVariable.delete(variable);
    return gradient;
  }

  has(variable: Variable): boolean {
    return this.byVariable.has(variable);
  }

  /** From now on the gradient of `from` is that of `to`, which is the same value computed again. */
  move(from: Variable, to: Variable): void {
    const gradient = this.take(from);
    if (gradient) this.byVariable.set(to, gradient);
  }

  /** Gives up one hold; the last one releases the tensor. */
  done(gradient: Tensor): void {
    const holders = this.holders.get(gradient)! - 1;
    this.holders.set(gradient, holders);
    if (holders > 0) return;
    this.holders.delete(gradient);
    this.scope.release(gradient);
  }

  /** Releases a result that nobody asked for, unless somebody holds it. */
  drop(gradient: Tensor): void {
    this.hold(gradient);
    this.done(gradient);
  }

  remaining(): Iterable<[Variable, Tensor]> {
    return this.byVariable;
  }

  /** Whether `tensor` is a gradient that somebody waits for. */
  holds(tensor: Tensor): boolean {
    return this.holders.has(tensor);
  }

  /** In the memory of one of the two, unless others read both. Gives up the hold of `before`. */
  private sum(before: Tensor, gradient: Tensor): Tensor {
    if (this.holders.get(before) === 1 && before !== gradient) {
      addInPlace(this.scope, before, gradient);
      this.drop(gradient);
      return before;
    }
    let total = gradient;
    if (this.holders.has(gradient)) total = addForward(this.scope, before, gradient);
    else addInPlace(this.scope, gradient, before);
    this.hold(total);
    this.done(before);
    return total;
  }

  private hold(gradient: Tensor): void {
    this.holders.set(gradient, (this.holders.get(gradient) ?? 0) + 1);
  }
}
