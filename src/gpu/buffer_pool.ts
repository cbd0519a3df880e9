/**
 * GPU buffers by size, of equal ones the oldest first, so that the same step gets the same buffers
 * again. A released buffer is handed out again rather than destroyed: passes on one queue run in
 * order, so a later pass may overwrite it, whereas destroying it under an unsubmitted encoder is an
 * error.
 */
import { GpuError } from '../errors.ts';

const ALIGNMENT = 256;
/** STORAGE, COPY_SRC and COPY_DST of the standard, whose names exist only where a GPU does. */
const USAGE = 0x80 | 0x04 | 0x08;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export class BufferPool {
  private readonly device: GPUDevice;
  /** By size; the oldest at the end. */
  private readonly free = new Map<number, GPUBuffer[]>();
  private readonly ages = new WeakMap<GPUBuffer, number>();
  private created = 0;
  private readonly maxFreeBytes: number;
  private inUse = 0;
  private peak = 0;
  private idle = 0;
  private peakAllocated = 0;

  constructor(device: GPUDevice, maxFreeBytes = 2 ** 30) {
    this.device = device;
    this.maxFreeBytes = maxFreeBytes;
  }

  /** Bytes of buffers handed out and not yet released. */
  get bytesInUse(): number {
    return this.inUse;
  }

  /** Highest `bytesInUse` since the last `resetPeak`. */
  get peakBytes(): number {
    return this.peak;
  }

  /** Bytes of released buffers kept for reuse. */
  get bytesFree(): number {
    return this.idle;
  }

  /** Highest sum of both since the last `resetPeak`. */
  get peakAllocatedBytes(): number {
    return this.peakAllocated;
  }

  resetPeak(): void {
    this.peak = this.inUse;
    this.peakAllocated = this.inUse + this.idle;
  }

  /**
   * A storage buffer of at least `bytes`; its content is undefined.
   *
   * @throws GpuError before anything is allocated, if the adapter cannot bind that many bytes at once
   */
  acquire(bytes: number, name: string): GPUBuffer {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize, 2 ** 31 - 4);
    if (bytes > limit) {
      throw new GpuError(
        `BufferPool.acquire: '${name}' is larger than one binding. It needs ${mebibytes(bytes)}, this adapter binds ${mebibytes(limit)}. Use a smaller patch or batch.`,
      );
    }
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    const reused = this.free.get(size)?.pop();
    if (reused) this.idle -= size;
    this.inUse += size;
    this.peak = Math.max(this.peak, this.inUse);
    this.peakAllocated = Math.max(this.peakAllocated, this.inUse + this.idle);
    if (reused) return reused;
    const buffer = this.device.createBuffer({
      size: Math.min(size, Math.floor(limit / 4) * 4),
      usage: USAGE,
    });
    this.ages.set(buffer, this.created++);
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    const size = Math.ceil(buffer.size / ALIGNMENT) * ALIGNMENT;
    const list = this.free.get(size) ?? [];
    this.free.set(size, list);
    const age = this.age(buffer);
    let place = 0;
    for (let end = list.length; place < end; ) {
      const middle = (place + end) >> 1;
      if (this.age(list[middle]!) > age) place = middle + 1;
      else end = middle;
    }
    list.splice(place, 0, buffer);
    this.inUse -= size;
    this.idle += size;
  }

  /** Higher is younger. */
  private age(buffer: GPUBuffer): number {
    return this.ages.get(buffer)!;
  }

  /** Destroys free buffers beyond the limit, largest first. Only safe when no encoder is open. */
  trim(maxFreeBytes = this.maxFreeBytes): void {
    if (this.idle <= maxFreeBytes) return;
    for (const size of [...this.free.keys()].sort((a, b) => b - a)) {
      const list = this.free.get(size)!;
      while (list.length > 0 && this.idle > maxFreeBytes) {
        list.pop()!.destroy();
        this.idle -= size;
      }
      if (list.length === 0) this.free.delete(size);
    }
  }
}
