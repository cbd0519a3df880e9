/** A shaped piece of GPU memory. Who owns it is the business of `Scope` and `Gpu`. */
import { GpuError } from '../errors.ts';
import { product, showShape } from '../shape.ts';
import type { ScalarType } from './shader.ts';

/** Bytes of `size` elements; copies on a GPU move whole words of four. */
export function tensorBytes(size: number, dtype: ScalarType): number {
  return dtype === 'f16' ? 4 * Math.ceil(size / 2) : 4 * size;
}

export class Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ScalarType;
  /** Number of elements. */
  readonly size: number;
  private storage: GPUBuffer | undefined;

  constructor(buffer: GPUBuffer, shape: readonly number[], dtype: ScalarType, name: string) {
    this.storage = buffer;
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
    this.size = product(shape);
  }

  /** Of its elements, a multiple of four. */
  get bytes(): number {
    return tensorBytes(this.size, this.dtype);
  }

  /** @throws GpuError if the tensor's owner has released it */
  get buffer(): GPUBuffer {
    if (this.storage === undefined) {
      throw new GpuError(
        `Tensor: '${this.name}' ${showShape(this.shape)} is used after its release. Its scope has ended. Pass it to scope.keep() before.`,
      );
    }
    return this.storage;
  }

  /** Takes the buffer away; later use throws. Called by the owner. */
  detach(): GPUBuffer {
    const buffer = this.buffer;
    this.storage = undefined;
    return buffer;
  }
}
