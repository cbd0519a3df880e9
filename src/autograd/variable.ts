/** A tensor in a computation that can be differentiated. */
import type { Gpu } from '../gpu/device.ts';
import type { Tensor } from '../gpu/tensor.ts';

export class Variable {
  readonly value: Tensor;
  /** Whether `Tape.backward` follows this variable. */
  readonly needsGrad: boolean;
  /** d loss / d value after `Tape.backward`; only parameters keep theirs, until the tape ends. */
  grad: Tensor | undefined;

  constructor(value: Tensor, needsGrad = false) {
    this.value = value;
    this.needsGrad = needsGrad;
  }

  get shape(): readonly number[] {
    return this.value.shape;
  }
}

/** A variable that outlives steps: owned by its module, updated by an optimiser. */
export class Parameter extends Variable {
  readonly gpu: Gpu;

  constructor(gpu: Gpu, data: Float32Array, shape: readonly number[], name: string) {
    super(gpu.upload(data, shape, name), true);
    this.gpu = gpu;
  }

  dispose(): void {
    this.gpu.release(this.value);
  }
}
