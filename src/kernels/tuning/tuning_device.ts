import type { Gpu } from '../../gpu/device.ts';

/** A device that is replaced after a failure: GPU errors stay with the device that had them. */
export class TuningDevice {
  private readonly open: () => Promise<Gpu>;
  private current: Gpu | undefined;

  constructor(open: () => Promise<Gpu>) {
    this.open = open;
  }

  /** Opened when it is first asked for. */
  async gpu(): Promise<Gpu> {
    this.current ??= await this.open();
    return this.current;
  }

  /** Gives up a device that has an error. */
  async recover(): Promise<void> {
    try {
      await this.current?.sync();
    } catch {
      this.close();
    }
  }

  close(): void {
    this.current?.destroy();
    this.current = undefined;
  }
}
