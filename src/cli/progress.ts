/** A bar with an ETA on stderr; where stderr is no terminal, a plain line now and then. */
import cliProgress from 'cli-progress';
import { showDuration } from './terminal.ts';

const SECONDS_BETWEEN_LINES = 10;

export interface Progress {
  /** @param done units finished so far, fractions included  @param note what to show beside the bar */
  update(done: number, note?: string): void;
  /** A line that stays, above the bar. */
  log(line: string): void;
  /** Ends the bar, finished or not. */
  stop(): void;
}

export interface ProgressOptions {
  /** Text of a number of units. Default: whole units. */
  readonly show?: (units: number) => string;
  /** Units that were done before, and took no time now. Default 0. */
  readonly from?: number;
}

class Bar implements Progress {
  private readonly bar: cliProgress.SingleBar;
  private readonly startedAt = performance.now();
  private readonly total: number;
  private readonly show: (units: number) => string;
  private readonly from: number;

  constructor(title: string, total: number, { show, from }: Required<ProgressOptions>) {
    this.bar = new cliProgress.SingleBar(
      {
        format: `${title} {bar} {count}/${show(total)} | ETA {left} | {note}`,
        barsize: 28,
        hideCursor: true,
        stream: process.stderr,
        fps: 8,
      },
      cliProgress.Presets.shades_classic,
    );
    this.total = total;
    this.show = show;
    this.from = from;
    this.bar.start(total, 0, { note: '', left: '-', count: show(0) });
  }

  update(done: number, note = ''): void {
    this.bar.update(done, {
      note,
      left: timeLeft(this.startedAt, done - this.from, this.total - this.from),
      count: this.show(done),
    });
  }

  log(line: string): void {
    // Carriage return and erase: the bar is drawn again under the line.
    process.stderr.write(`\r\x1b[K${line}\n`);
    this.bar.render();
  }

  stop(): void {
    this.bar.stop();
  }
}

class Lines implements Progress {
  private readonly title: string;
  private readonly total: number;
  private readonly show: (units: number) => string;
  private readonly from: number;
  private readonly startedAt = performance.now();
  private printedAt = this.startedAt;

  constructor(title: string, total: number, { show, from }: Required<ProgressOptions>) {
    this.title = title;
    this.total = total;
    this.show = show;
    this.from = from;
  }

  update(done: number, note = ''): void {
    const now = performance.now();
    const due = now - this.printedAt >= 1000 * SECONDS_BETWEEN_LINES || done >= this.total;
    if (!due || (done === 0 && note === '')) return;
    this.printedAt = now;
    const left = timeLeft(this.startedAt, done - this.from, this.total - this.from);
    const parts = [
      `${this.title} ${this.show(done)}/${this.show(this.total)}`,
      `ETA ${left}`,
      note,
    ].filter(Boolean);
    process.stderr.write(`${parts.join(' | ')}\n`);
  }

  log(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  stop(): void {}
}

/** At the average pace so far. */
function timeLeft(startedAt: number, done: number, total: number): string {
  if (done <= 0 || total === Number.POSITIVE_INFINITY) return '-';
  const seconds = (performance.now() - startedAt) / 1000;
  return showDuration((seconds / done) * (total - done));
}

const PATIENCE_MS = 1000;

/**
 * For `onCompile`: a note beside the bar, once compiling takes long enough to wonder.
 *
 * @param done units finished so far, where the bar stands
 */
export function noteCompiling(
  show: (done: number, note: string) => void,
  done: () => number,
): (compiled: number, kernels: number) => void {
  let startedAt = 0;
  return (compiled, kernels) => {
    const now = performance.now();
    if (compiled === 0) startedAt = now;
    if (now - startedAt >= PATIENCE_MS) show(done(), `compiling kernels ${compiled}/${kernels}`);
  };
}

/** Shows that `total` units of work are under way; Infinity: nobody knows how many. */
export function startProgress(
  title: string,
  total: number,
  { show = (units) => `${Math.floor(units)}`, from = 0 }: ProgressOptions = {},
): Progress {
  const options = { show, from };
  return process.stderr.isTTY ? new Bar(title, total, options) : new Lines(title, total, options);
}
