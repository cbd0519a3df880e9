/** A GPU that comes back: a lost device is replaced by a new one, a few times. */
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';

export interface GpuKeeperOptions {
  /** Losses after which no new device is opened. Default 3. */
  readonly maxLosses?: number;
  /** How long a new device is asked for after a loss. Default 20. */
  readonly reopenSeconds?: number;
}

/** A browser that restarts its GPU process has no adapter for a while. */
const RETRY_MILLISECONDS = 250;

export class GpuKeeper {
  private readonly open: () => Promise<Gpu>;
  private readonly maxLosses: number;
  private readonly reopenSeconds: number;
  private opening: Promise<Gpu> | undefined;
  private readonly messages: string[] = [];
  private isClosed = false;

  /** @param open called for the first device, and after each loss */
  constructor(open: () => Promise<Gpu>, options: GpuKeeperOptions = {}) {
    const { maxLosses = 3, reopenSeconds = 20 } = options;
    this.open = open;
    this.maxLosses = maxLosses;
    this.reopenSeconds = reopenSeconds;
  }

  /** Devices lost so far. */
  get losses(): number {
    return this.messages.length;
  }

  /**
   * The living device; what was made on an earlier one is gone with it.
   *
   * @throws GpuError when too many were lost; as `open`, which is then tried again at the next call
   */
  get(): Promise<Gpu> {
    if (this.losses > this.maxLosses) {
      return Promise.reject(
        new GpuError(
          `GpuKeeper: the GPU was lost again and again. ${this.losses} times, last: ${this.messages.at(-1)} Load the page again, close other pages that use the GPU, or choose smaller patches.`,
        ),
      );
    }
    this.opening ??= this.openWatched();
    return this.opening;
  }

  /** Gives the device back, and opens no other. */
  close(): void {
    this.isClosed = true;
    void this.opening?.then(
      (gpu) => gpu.destroy(),
      () => undefined,
    );
  }

  private async openWatched(): Promise<Gpu> {
    let gpu: Gpu;
    try {
      gpu = await this.tryToOpen();
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
    void gpu.device.lost.then(({ reason, message }) => {
      if (this.isClosed) return;
      this.messages.push(message || `${reason}.`);
      this.opening = undefined;
    });
    return gpu;
  }

  private async tryToOpen(): Promise<Gpu> {
    const startedAt = performance.now();
    for (;;) {
      try {
        return await this.open();
      } catch (error) {
        const waited = (performance.now() - startedAt) / 1000;
        if (this.losses === 0 || this.isClosed || waited > this.reopenSeconds) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
      }
    }
  }
}
