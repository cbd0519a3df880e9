/**
 * Bind groups by what they bind. The pool gives a step the buffers of the step before, so that from
 * the second step on there is nothing to make.
 */
import type { Pipeline } from './pipeline_cache.ts';
import { UNIFORM_BLOCK_BYTES } from './uniform_cache.ts';

/** Of some steps of different sizes. */
const CAPACITY = 4096;

/** What a pipeline binds: parameters at binding 0, at an offset that each dispatch sets, and tensors. */
export function bindGroupEntries(
  uniforms: GPUBuffer,
  buffers: readonly { readonly binding: number; readonly buffer: GPUBuffer }[],
): GPUBindGroupEntry[] {
  return [
    { binding: 0, resource: { buffer: uniforms, size: UNIFORM_BLOCK_BYTES } },
    ...buffers.map(({ binding, buffer }) => ({ binding, resource: { buffer } })),
  ];
}

export class BindGroupCache {
  private readonly device: GPUDevice;
  private readonly capacity: number;
  private readonly groups = new Map<string, GPUBindGroup>();
  private readonly numbers = new WeakMap<object, number>();
  private next = 0;

  constructor(device: GPUDevice, capacity = CAPACITY) {
    this.device = device;
    this.capacity = capacity;
  }

  get(
    { layout }: Pipeline,
    uniforms: GPUBuffer,
    buffers: readonly { readonly binding: number; readonly buffer: GPUBuffer }[],
    label: string,
  ): GPUBindGroup {
    let key = `${this.number(layout)}`;
    for (const { buffer } of buffers) key += ` ${this.number(buffer)}`;
    const known = this.groups.get(key);
    if (known) return known;
    // Those of buffers that are gone are never asked for again: start over rather than look for them.
    if (this.groups.size >= this.capacity) this.groups.clear();
    const entries = bindGroupEntries(uniforms, buffers);
    const group = this.device.createBindGroup({ label, layout, entries });
    this.groups.set(key, group);
    return group;
  }

  private number(object: object): number {
    const known = this.numbers.get(object);
    if (known !== undefined) return known;
    this.numbers.set(object, this.next);
    return this.next++;
  }
}
