/** How many steps a second takes now, without what comes between epochs. */
export class StepPace {
  private readonly now: () => number;
  private last: number | undefined;
  /** Milliseconds of a step: recent ones count more. */
  private mean: number | undefined;

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** NaN before the second step. */
  get perSecond(): number {
    return this.mean === undefined ? Number.NaN : 1000 / this.mean;
  }

  /** A step is done. */
  step(): void {
    const time = this.now();
    if (this.last !== undefined) {
      const taken = time - this.last;
      this.mean = this.mean === undefined ? taken : 0.9 * this.mean + 0.1 * taken;
    }
    this.last = time;
  }

  /** What happens until the next step belongs to no step; nor does that one, whose start is not known. */
  pause(): void {
    this.last = undefined;
  }
}
