/** A GPU that comes back: a lost device is replaced by a new one, a few times. */
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';

export interface GpuKeeperOptions {
  /** Losses after which no new device is opened. Default 3. */
  readonly maxLosses?: number;
}

export class GpuKeeper {
  private readonly open: () => Promise<Gpu>;
  private readonly maxLosses: number;
  private opening: Promise<Gpu> | undefined;
  private readonly messages: string[] = [];
  private isClosed = false;

  /** @param open called for the first device, and after each loss */
  constructor(open: () => Promise<Gpu>, { maxLosses = 3 }: GpuKeeperOptions = {}) {
    this.open = open;
    this.maxLosses = maxLosses;
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
      gpu = await this.open();
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
}
