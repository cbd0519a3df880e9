/** How far a run over several scans is and how long it goes on, counted in patches. */

/** Where a scan is, as its job tells. */
export interface StageReport {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

interface ScanTimes {
  began: number;
  ended: number | undefined;
  /** Undefined until the job has told it. */
  patches: number | undefined;
  done: number;
  /** Patches that were done at the first report: what came before it was not theirs. */
  firstDone: number;
  firstAt: number;
  lastAt: number;
  /** 0 to 1. */
  share: number;
}

/** Shares of a scan that its stages before and after the patches count. */
const BEFORE = 0.04;
const AFTER = 0.04;
const FIRST_STAGES = ['reading', 'preparing', 'compiling'];
/** Less says nothing about the speed. */
const MIN_PATCHES = 2;
const MIN_MILLISECONDS = 400;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export class RunClock {
  private readonly estimates: readonly number[];
  private readonly scans: ScanTimes[] = [];
  private highest = 0;

  /** @param estimates patches of each scan, in proportion to each other; undefined where nothing is known */
  constructor(estimates: readonly (number | undefined)[]) {
    const known = estimates.filter((value) => value !== undefined);
    const mean = known.length > 0 ? sum(known) / known.length : 1;
    this.estimates = estimates.map((value) => value ?? mean);
  }

  /** The next scan begins. @param now milliseconds */
  begin(now: number): void {
    this.scans.push({
      began: now,
      ended: undefined,
      patches: undefined,
      done: 0,
      firstDone: 0,
      firstAt: now,
      lastAt: now,
      share: 0,
    });
  }

  report({ stage, done, total }: StageReport, now: number): void {
    const scan = this.scans.at(-1);
    if (!scan) return;
    const part = total > 0 ? Math.min(1, done / total) : 0;
    const early = FIRST_STAGES.indexOf(stage);
    let share = 1 - AFTER + AFTER * part;
    if (early >= 0) share = (BEFORE * (early + part)) / FIRST_STAGES.length;
    if (stage === 'predicting') {
      share = BEFORE + (1 - BEFORE - AFTER) * part;
      if (scan.patches === undefined) Object.assign(scan, { firstDone: done, firstAt: now });
      Object.assign(scan, { patches: total, done, lastAt: now });
    }
    // Never backwards, whatever a job tells.
    scan.share = Math.max(scan.share, share);
  }

  /** The scan that began last is over, whether it succeeded or not. */
  finish(now: number): void {
    const scan = this.scans.at(-1);
    if (scan) Object.assign(scan, { ended: now, share: 1 });
  }

  /** 0 to 1 of the scan that began last. */
  get scanFraction(): number {
    return this.scans.at(-1)?.share ?? 0;
  }

  /** 0 to 1 over all scans. */
  get fraction(): number {
    const weights = this.estimates.map((_, index) => this.patchesOf(index));
    const done = this.scans.map(({ share }, index) => share * weights[index]!);
    const now = weights.length > 0 ? sum(done) / sum(weights) : 0;
    // A scan that turns out larger than estimated does not take back what was shown.
    this.highest = Math.max(this.highest, now);
    return this.highest;
  }

  /** Milliseconds to go; undefined while too little has been seen. */
  remaining(now: number): number | undefined {
    const seen = sum(this.scans.map(({ done, firstDone }) => done - firstDone));
    const spent = sum(this.scans.map(({ firstAt, lastAt }) => lastAt - firstAt));
    if (seen < MIN_PATCHES || spent < MIN_MILLISECONDS) return undefined;
    const perPatch = spent / seen;
    const current = this.scans.at(-1)!;
    const waiting = this.estimates.map((_, n) => n).slice(this.scans.length);
    const patches = sum(waiting.map((index) => this.patchesOf(index)));
    return (
      (current.ended === undefined ? this.remainingOf(current, perPatch, now) : 0) +
      patches * perPatch +
      waiting.length * this.overhead()
    );
  }

  private remainingOf(scan: ScanTimes, perPatch: number, now: number): number {
    const patches = scan.patches ?? this.patchesOf(this.scans.length - 1);
    // The patch under way is not counted back to its start with every look at the clock.
    const underWay = scan.patches === undefined ? 0 : Math.min(now - scan.lastAt, perPatch);
    return Math.max(0, (patches - scan.done) * perPatch - underWay);
  }

  /** Milliseconds beside the patches that a finished scan took. */
  private overhead(): number {
    const ended = this.scans.filter((scan) => scan.ended !== undefined);
    const times = ended.map((scan) => scan.ended! - scan.began - (scan.lastAt - scan.firstAt));
    return ended.length > 0 ? sum(times) / ended.length : 0;
  }

  /** As the job told, or estimated from those that did. */
  private patchesOf(index: number): number {
    const told = this.scans[index]?.patches;
    if (told !== undefined) return told;
    const known = this.scans.flatMap(({ patches }, n) => (patches === undefined ? [] : [n]));
    const patches = sum(known.map((n) => this.scans[n]!.patches!));
    const estimated = sum(known.map((n) => this.estimates[n]!));
    return this.estimates[index]! * (estimated > 0 ? patches / estimated : 1);
  }
}
