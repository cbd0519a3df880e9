/** Gradients of several batches that make one optimiser step. */
import type { Parameter } from '../autograd/variable.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { addInPlace } from '../kernels/add.ts';
import { sliceForward } from '../kernels/slice.ts';

export class GradientSum {
  private readonly scope: Scope;
  private readonly parameters: readonly Parameter[];
  private readonly totals = new Map<Parameter, Tensor>();

  /** @param scope owns the sums, and outlives the tapes of the batches */
  constructor(scope: Scope, parameters: readonly Parameter[]) {
    this.scope = scope;
    this.parameters = parameters;
  }

  /**
   * Adds `grad` of every parameter to the sum so far and makes it the sum. After the last batch
   * `grad` may belong to that batch's tape.
   */
  add(isLast: boolean): void {
    const { scope, totals } = this;
    for (const parameter of this.parameters) {
      const { grad } = parameter;
      const before = totals.get(parameter);
      if (!grad) {
        parameter.grad = before;
        continue;
      }
      if (!before && isLast) continue;
      const total = before ?? sliceForward(scope, grad, []);
      if (before) addInPlace(scope, before, grad);
      totals.set(parameter, total);
      parameter.grad = total;
    }
  }
}
