/** GPU time per shader: each dispatch gets a pass of its own with a timestamp at either end. */
export interface KernelTime {
  readonly name: string;
  readonly dispatches: number;
  readonly milliseconds: number;
  /** Sum of the sizes of the tensors that its dispatches were given. */
  readonly bytes: number;
}

const CAPACITY = 2048;

export class Profile {
  private readonly device: GPUDevice;
  private readonly querySet: GPUQuerySet;
  private readonly names: { name: string; bytes: number }[] = [];
  private readonly pending: Promise<void>[] = [];
  private readonly totals = new Map<
    string,
    { dispatches: number; nanoseconds: number; bytes: number }
  >();

  constructor(device: GPUDevice) {
    this.device = device;
    this.querySet = device.createQuerySet({ type: 'timestamp', count: 2 * CAPACITY });
  }

  destroy(): void {
    this.querySet.destroy();
  }

  get full(): boolean {
    return this.names.length === CAPACITY;
  }

  /** Timestamps for the next pass. */
  next(name: string, bytes: number): GPUComputePassTimestampWrites {
    const index = 2 * this.names.push({ name, bytes }) - 2;
    return {
      querySet: this.querySet,
      beginningOfPassWriteIndex: index,
      endOfPassWriteIndex: index + 1,
    };
  }

  /** Reads the timestamps of the passes submitted so far and makes room for new ones. */
  collect(): void {
    const names = this.names.splice(0);
    if (names.length > 0) this.pending.push(this.resolve(names));
  }

  private async resolve(names: readonly { name: string; bytes: number }[]): Promise<void> {
    const size = 16 * names.length;
    const resolved = this.device.createBuffer({
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const mapped = this.device.createBuffer({
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.device.createCommandEncoder();
    encoder.resolveQuerySet(this.querySet, 0, 2 * names.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, mapped, 0, size);
    this.device.queue.submit([encoder.finish()]);
    await mapped.mapAsync(GPUMapMode.READ);
    const ticks = new BigUint64Array(mapped.getMappedRange());
    names.forEach(({ name, bytes }, index) => {
      const total = this.totals.get(name) ?? { dispatches: 0, nanoseconds: 0, bytes: 0 };
      total.dispatches++;
      total.nanoseconds += Number(ticks[2 * index + 1]! - ticks[2 * index]!);
      total.bytes += bytes;
      this.totals.set(name, total);
    });
    mapped.destroy();
    resolved.destroy();
  }

  /** Totals since the start, slowest shader first. */
  async report(): Promise<KernelTime[]> {
    this.collect();
    await Promise.all(this.pending);
    return [...this.totals]
      .map(([name, { dispatches, nanoseconds, bytes }]) => ({
        name,
        dispatches,
        milliseconds: nanoseconds / 1e6,
        bytes,
      }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }
}
