import type { Gpu } from '../gpu/device.ts';

/**
 * How long a training waits for batches, and how long the GPU has nothing to do meanwhile: from when
 * it has finished all that was submitted, or from when the wait began, to the batch.
 */
export class DataClock {
  /** Waiting for batches. The GPU may be busy with the step before. */
  dataSeconds = 0;
  /** Of these, with an idle GPU: what faster reading would save. */
  idleSeconds = 0;
  private readonly gpu: Pick<Gpu, 'device'>;

  constructor(gpu: Pick<Gpu, 'device'>) {
    this.gpu = gpu;
  }

  /** The same batches, each one's wait measured. */
  async *watch<T>(batches: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void, void> {
    const iterator =
      Symbol.asyncIterator in batches
        ? batches[Symbol.asyncIterator]()
        : batches[Symbol.iterator]();
    try {
      for (;;) {
        const began = performance.now();
        let drained = Number.POSITIVE_INFINITY;
        this.gpu.device.queue.onSubmittedWorkDone().then(
          () => {
            drained = performance.now();
          },
          // Of a lost device nothing is learnt; what was lost is told elsewhere.
          () => {},
        );
        const { done, value } = await iterator.next();
        const arrived = performance.now();
        this.dataSeconds += (arrived - began) / 1000;
        this.idleSeconds += Math.max(0, arrived - drained) / 1000;
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}
