import { describe, expect, it } from 'vitest';
import { epochPlan } from '../../src/patch/queue_plan.ts';
import { Rng } from '../../src/rng.ts';

const plan = (queueLength: number, shuffle = true, seed = 0) =>
  epochPlan({ subjects: 5, samplesPerVolume: 3, queueLength, shuffle }, Rng.seed(seed));

describe('epochPlan', () => {
  it('holds every sample of every subject once', () => {
    const keys = plan(7).map(({ subject, sample }) => `${subject}.${sample}`);
    expect(new Set(keys).size).toBe(15);
  });

  it('is in order without shuffling', () => {
    expect(plan(7, false).map(({ subject }) => subject)).toEqual(
      [0, 1, 2, 3, 4].flatMap((n) => [n, n, n]),
    );
  });

  it('shuffles within one filling of the queue only; a subject may go on in the next', () => {
    const order = Rng.seed(0).fold(0).permutation(5);
    const filling = plan(4)
      .slice(0, 4)
      .map(({ subject }) => order.indexOf(subject));
    expect(filling.toSorted()).toEqual([0, 0, 0, 1]);
    const next = plan(4)
      .slice(4, 8)
      .map(({ subject }) => order.indexOf(subject));
    expect(next.toSorted()).toEqual([1, 1, 2, 2]);
  });

  it('depends on the seed alone', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(7, true, 1));
  });
});
