/** Owner of tensors: `using scope = gpu.scope()` returns all of them to the pool at the brace. */
import { dispose } from '../dispose.ts';
import { GpuError } from '../errors.ts';
import type { Gpu } from './device.ts';
import type { DispatchArguments } from './dispatch.ts';
import type { ScalarType, Shader } from './shader.ts';
import type { Tensor } from './tensor.ts';

export class Scope {
  readonly gpu: Gpu;
  private readonly parent: Scope | undefined;
  private readonly owned = new Set<Tensor>();

  constructor(gpu: Gpu, parent?: Scope) {
    this.gpu = gpu;
    this.parent = parent;
  }

  /** A scope whose `keep` hands tensors to this one. */
  child(): Scope {
    return new Scope(this.gpu, this);
  }

  /** A tensor of undefined content that lives until this scope ends. */
  tensor(shape: readonly number[], name = 'tensor', dtype: ScalarType = 'f32'): Tensor {
    const tensor = this.gpu.tensor(shape, name, dtype);
    this.owned.add(tensor);
    return tensor;
  }

  /** A tensor holding `data`, copied to the GPU. */
  upload(
    data: Float32Array | Uint32Array | Int32Array,
    shape: readonly number[],
    name = 'upload',
  ): Tensor {
    const tensor = this.gpu.upload(data, shape, name);
    this.owned.add(tensor);
    return tensor;
  }

  /** Hands `tensor` to the parent scope, or to the caller if there is none; returns it. */
  keep(tensor: Tensor): Tensor {
    if (!this.owned.delete(tensor)) {
      throw new GpuError(
        `Scope.keep: '${tensor.name}' does not belong to this scope. It was kept before or comes from another one. Keep a tensor once, where it was made.`,
      );
    }
    this.parent?.owned.add(tensor);
    return tensor;
  }

  /** Returns one tensor to the pool before the scope ends. */
  release(tensor: Tensor): void {
    if (this.owned.delete(tensor)) this.gpu.release(tensor);
  }

  dispatch<S extends Shader>(shader: S, args: DispatchArguments<S>): void {
    this.gpu.dispatch(shader, args);
  }

  [dispose](): void {
    for (const tensor of this.owned) this.gpu.release(tensor);
    this.owned.clear();
  }
}
