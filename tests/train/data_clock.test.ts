import { describe, expect, it, vi } from 'vitest';
import type { Gpu } from '../../src/gpu/device.ts';
import { DataClock } from '../../src/train/data_clock.ts';

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A GPU that finishes its work so long after it is asked. */
const gpuThatNeeds = (ms: number) =>
  ({ device: { queue: { onSubmittedWorkDone: () => wait(ms) } } }) as unknown as Pick<
    Gpu,
    'device'
  >;

async function* slowBatches(count: number, ms: number, onEnd = () => {}) {
  try {
    for (let n = 0; n < count; n++) {
      await wait(ms);
      yield n;
    }
  } finally {
    onEnd();
  }
}

/** Runs to its end on a clock that does not tick by itself. */
async function timed(work: () => Promise<void>): Promise<void> {
  vi.useFakeTimers();
  try {
    const end = work();
    await vi.runAllTimersAsync();
    await end;
  } finally {
    vi.useRealTimers();
  }
}

describe('DataClock', () => {
  it('hands on what it gets, and measures the waiting alone', async () => {
    const clock = new DataClock(gpuThatNeeds(1000));
    const seen: number[] = [];
    await timed(async () => {
      for await (const n of clock.watch(slowBatches(3, 30))) {
        seen.push(n);
        await wait(60);
      }
    });
    expect(seen).toEqual([0, 1, 2]);
    expect(clock.dataSeconds).toBeCloseTo(0.09, 6);
    expect(clock.idleSeconds).toBe(0);
  });

  it('counts the wait as idle from when the GPU is done', async () => {
    const clock = new DataClock(gpuThatNeeds(40));
    await timed(async () => {
      for await (const _ of clock.watch(slowBatches(2, 100)));
    });
    expect(clock.dataSeconds).toBeCloseTo(0.2, 6);
    expect(clock.idleSeconds).toBeCloseTo(0.12, 6);
  });

  it('takes arrays, and ends what it watches when it is left early', async () => {
    const clock = new DataClock(gpuThatNeeds(0));
    const seen: number[] = [];
    for await (const n of clock.watch([1, 2])) seen.push(n);
    expect(seen).toEqual([1, 2]);
    let ended = false;
    const batches = slowBatches(3, 1, () => {
      ended = true;
    });
    for await (const _ of clock.watch(batches)) break;
    expect(ended).toBe(true);
  });
});
