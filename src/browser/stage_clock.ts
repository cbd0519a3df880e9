import type { StageProgress } from './protocol.ts';

/** Tells which stage a task is in and how far, and how long each took. */
export class StageClock<Stage extends string> {
  private readonly report: (progress: StageProgress<Stage>) => void;
  private readonly seconds = new Map<Stage, number>();
  private readonly startedAt = performance.now();
  private current: Stage | undefined;
  private enteredAt = this.startedAt;

  constructor(report: (progress: StageProgress<Stage>) => void) {
    this.report = report;
  }

  /** @param total what `done` counts up to in this stage */
  at(stage: Stage, done = 0, total = 1): void {
    if (stage !== this.current) this.leave();
    this.current = stage;
    this.report({ stage, done, total });
  }

  /** Seconds of a stage, of all of them without one. */
  of(stage?: Stage): number {
    if (stage === undefined) return (performance.now() - this.startedAt) / 1000;
    const running = stage === this.current ? performance.now() - this.enteredAt : 0;
    return ((this.seconds.get(stage) ?? 0) + running) / 1000;
  }

  private leave(): void {
    const now = performance.now();
    if (this.current !== undefined) {
      const before = this.seconds.get(this.current) ?? 0;
      this.seconds.set(this.current, before + now - this.enteredAt);
    }
    this.enteredAt = now;
  }
}
