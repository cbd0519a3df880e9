/**
 * Uniform blocks by content: same bytes, same buffer, never written again. A `writeBuffer` into a
 * block that a recorded but unsubmitted pass reads would change that pass.
 */
export class UniformCache {
  private readonly device: GPUDevice;
  private readonly blocks = new Map<string, GPUBuffer>();
  private readonly capacity: number;

  constructor(device: GPUDevice, capacity = 4096) {
    this.device = device;
    this.capacity = capacity;
  }

  get(words: Uint32Array<ArrayBuffer>): GPUBuffer {
    const key = words.join();
    const known = this.blocks.get(key);
    if (known) return known;
    const buffer = this.device.createBuffer({
      size: words.byteLength,
      usage: GPUBufferUsage.UNIFORM,
      mappedAtCreation: true,
    });
    new Uint32Array(buffer.getMappedRange()).set(words);
    buffer.unmap();
    this.blocks.set(key, buffer);
    return buffer;
  }

  /** Drops the oldest blocks beyond the capacity. Only safe when no encoder is open. */
  trim(): void {
    for (const [key, buffer] of this.blocks) {
      if (this.blocks.size <= this.capacity) return;
      buffer.destroy();
      this.blocks.delete(key);
    }
  }
}
