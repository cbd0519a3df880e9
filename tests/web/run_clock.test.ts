import { describe, expect, it } from 'vitest';
import { estimatePatches } from '../../web/app/segment/patch_estimate.ts';
import { RunClock } from '../../web/app/segment/run_clock.ts';

const predicting = (done: number, total: number) => ({ stage: 'predicting', done, total });

describe('run clock', () => {
  it('knows nothing before it has seen patches', () => {
    const clock = new RunClock([10, 10]);
    expect(clock.fraction).toBe(0);
    clock.begin(0);
    clock.report({ stage: 'reading', done: 1, total: 1 }, 500);
    expect(clock.remaining(500)).toBeUndefined();
  });

  it('counts patches of the scan under way and of those that wait', () => {
    const clock = new RunClock([10, 20]);
    clock.begin(0);
    clock.report(predicting(0, 5), 1000);
    clock.report(predicting(2, 5), 3000);
    // 3 patches of this scan, 10 of the next, which is twice as large: a second each.
    expect(clock.remaining(3000)).toBe(13_000);
    expect(clock.remaining(3400)).toBe(12_600);
    expect(clock.remaining(60_000)).toBe(12_000);
  });

  it('adds what finished scans took beside their patches', () => {
    const clock = new RunClock([4, 4]);
    clock.begin(0);
    clock.report(predicting(0, 4), 1000);
    clock.report(predicting(4, 4), 5000);
    clock.finish(6000);
    expect(clock.remaining(6000)).toBe(4 * 1000 + 2000);
    expect(clock.fraction).toBe(0.5);
  });

  it('does not take the time before the first report as that of a patch', () => {
    const clock = new RunClock([8]);
    clock.begin(0);
    clock.report(predicting(1, 8), 9000);
    clock.report(predicting(3, 8), 10_000);
    expect(clock.remaining(10_000)).toBe(2500);
  });

  it('goes from 0 to 1 without a step back', () => {
    const clock = new RunClock([undefined, 3]);
    const seen = [clock.fraction];
    for (let scan = 0; scan < 2; scan++) {
      clock.begin(0);
      for (const stage of ['reading', 'preparing', 'compiling', 'predicting', 'writing']) {
        for (const done of [0, 1, 2]) {
          clock.report({ stage, done, total: 2 }, 0);
          seen.push(clock.fraction);
        }
      }
      clock.report({ stage: 'reading', done: 0, total: 1 }, 0);
      seen.push(clock.fraction);
      clock.finish(0);
      seen.push(clock.fraction);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(seen.at(-1)).toBe(1);
  });
});

describe('estimate of patches', () => {
  it('covers each axis with patches that share half of their size', () => {
    expect(
      estimatePatches({ shape: [1, 32, 32, 32], spacing: [1, 1, 1] }, null, [32, 32, 32]),
    ).toBe(1);
    expect(
      estimatePatches({ shape: [1, 48, 49, 64], spacing: [1, 1, 1] }, null, [32, 32, 32]),
    ).toBe(2 * 3 * 3);
  });

  it('counts voxels of the spacing that the model asks for', () => {
    expect(
      estimatePatches({ shape: [1, 32, 32, 32], spacing: [2, 1, 1] }, [1, 1, 1], [32, 32, 32]),
    ).toBe(3);
    expect(
      estimatePatches({ shape: [1, 10, 10, 10], spacing: [1, 1, 1] }, [1, 1, 1], [32, 32, 32]),
    ).toBe(1);
  });
});
