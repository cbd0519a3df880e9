/** Long work that tells how far it is, seen from the page. */

/**
 * A job under way. Iterating gives its progress from then on, the latest first, and ends when the job
 * does, however it ends; breaking off the loop does not end the job. Several loops may run.
 */
export interface Job<R, P> extends AsyncIterable<P> {
  /**
   * Rejects with what the job threw, or with its signal's reason. Somebody has to await it: a failure
   * shows nowhere else.
   */
  readonly result: Promise<R>;
}

/** The page's end of a job: what the worker says goes in here. */
export class RunningJob<R, P> implements Job<R, P> {
  readonly id: number;
  readonly result: Promise<R>;
  private readonly settle: { resolve: (result: R) => void; reject: (error: unknown) => void };
  private readonly listeners = new Set<(next: P | undefined) => void>();
  private latest: P | undefined;
  private isOver = false;

  /** @param id under which the worker speaks of it */
  constructor(id: number) {
    this.id = id;
    const { promise, resolve, reject } = withResolvers<R>();
    this.result = promise;
    this.settle = { resolve, reject };
    // It is awaited behind the loop over the progress; until then it must not count as unhandled.
    promise.catch(() => undefined);
  }

  report(progress: P): void {
    if (this.isOver) return;
    this.latest = progress;
    for (const listener of [...this.listeners]) listener(progress);
  }

  resolve(result: R): void {
    this.end();
    this.settle.resolve(result);
  }

  reject(error: unknown): void {
    this.end();
    this.settle.reject(error);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<P, void, void> {
    const waiting: P[] = this.latest === undefined ? [] : [this.latest];
    let wake: (() => void) | undefined;
    const listener = (next: P | undefined): void => {
      if (next !== undefined) waiting.push(next);
      wake?.();
    };
    this.listeners.add(listener);
    try {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift()!;
        if (this.isOver) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.listeners.delete(listener);
    }
  }

  private end(): void {
    this.isOver = true;
    for (const listener of [...this.listeners]) listener(undefined);
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let settle: [(value: T) => void, (error: unknown) => void] | undefined;
  const promise = new Promise<T>((...functions) => {
    settle = functions;
  });
  return { promise, resolve: settle![0], reject: settle![1] };
}
