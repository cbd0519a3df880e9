/**
 * A scope that fills what it hands out with NaN. Its memory comes from a pool, where the right values
 * of an earlier launch may lie: a kernel that writes nothing must not be found right.
 */
import { Scope } from '../../src/gpu/scope.ts';
import type { ScalarType } from '../../src/gpu/shader.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { fill } from '../../src/kernels/fill.ts';

const WORD = 0xdead_beef;

export class PoisonedScope extends Scope {
  override child(): Scope {
    return new PoisonedScope(this.gpu, this);
  }

  override tensor(shape: readonly number[], name?: string, dtype: ScalarType = 'f32'): Tensor {
    const tensor = super.tensor(shape, name, dtype);
    if (dtype === 'f32' || dtype === 'f16') fill(this, tensor, Number.NaN);
    else this.gpu.write(tensor, new Uint32Array(tensor.size).fill(WORD));
    return tensor;
  }
}
