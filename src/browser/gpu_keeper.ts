/** A GPU that comes back: a lost device is replaced by a new one, unless it is lost again and again. */
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';

export interface GpuKeeperOptions {
  /** Losses within `lossSeconds` after which no new device is opened. Default 3. */
  readonly maxLosses?: number;
  /** A day with the page open may see many, by sleep and by driver updates. Default 120. */
  readonly lossSeconds?: number;
  /** For which a browser that offers no adapter after a loss is asked again. Default 20. */
  readonly reopenSeconds?: number;
}

const RETRY_MS = 250;

export class GpuKeeper {
  private readonly open: () => Promise<Gpu>;
  private readonly options: Required<GpuKeeperOptions>;
  private opening: Promise<Gpu> | undefined;
  private readonly lost: { readonly message: string; readonly at: number }[] = [];
  private isClosed = false;

  /** @param open called for the first device, and after each loss */
  constructor(open: () => Promise<Gpu>, options: GpuKeeperOptions = {}) {
    this.open = open;
    this.options = { maxLosses: 3, lossSeconds: 120, reopenSeconds: 20, ...options };
  }

  /** Devices lost so far. */
  get losses(): number {
    return this.lost.length;
  }

  /**
   * The living device; what was made on an earlier one is gone with it.
   *
   * @throws GpuError when too many were lost; as `open`, which is then tried again at the next call
   */
  get(): Promise<Gpu> {
    const { maxLosses, lossSeconds } = this.options;
    const recent = this.lost.filter(({ at }) => performance.now() - at < 1000 * lossSeconds);
    if (recent.length > maxLosses) {
      return Promise.reject(
        new GpuError(
          `GpuKeeper: the GPU was lost again and again. ${recent.length} times, last: ${recent.at(-1)!.message} Load the page again, close other pages that use the GPU, or choose smaller patches.`,
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
      gpu = await this.openPatiently();
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
    void gpu.device.lost.then(({ reason, message }) => {
      if (this.isClosed) return;
      this.lost.push({ message: message || `${reason}.`, at: performance.now() });
      this.opening = undefined;
    });
    return gpu;
  }

  /** After a loss the browser has no adapter until its GPU process is there again. */
  private async openPatiently(): Promise<Gpu> {
    const patience = this.losses > 0 ? 1000 * this.options.reopenSeconds : 0;
    const startedAt = performance.now();
    for (;;) {
      try {
        return await this.open();
      } catch (error) {
        if (this.isClosed || performance.now() - startedAt >= patience) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
