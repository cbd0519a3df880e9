import { describe, expect, it } from 'vitest';
import { ReadingPlan } from '../../src/patch/reading_plan.ts';

/** Two samples of each of four subjects, in the order 0 1 2 3 0 1 2 3. */
const patches = [0, 1].flatMap((sample) => [0, 1, 2, 3].map((subject) => ({ subject, sample })));
const plan = () => new ReadingPlan(patches, 2, 4);
const list = (reading: ReadingPlan) =>
  Array.from({ length: reading.length }, (_, n) => reading.at(n));

describe('ReadingPlan', () => {
  it('knows the positions of a subject from anywhere on', () => {
    expect(plan().positionsOf(1, 0)).toEqual([1, 5]);
    expect(plan().positionsOf(1, 2)).toEqual([5]);
    expect(plan().positionsOf(9, 0)).toEqual([]);
  });

  it('gives the patches of an unreadable subject to the next one, as new samples', () => {
    const reading = plan();
    expect(reading.replace(1, [1, 5], () => true)).toBe(true);
    expect(reading.positionsOf(1, 0)).toEqual([]);
    expect(reading.positionsOf(2, 0)).toEqual([1, 2, 5, 6]);
    const samples = reading.positionsOf(2, 0).map((n) => reading.at(n).sample);
    expect(new Set(samples).size).toBe(4);
    expect(list(reading)).toHaveLength(8);
  });

  it('ends at the same plan whichever subject turns out to be unreadable first', () => {
    const orders = [
      [1, 2],
      [2, 1],
    ].map((order) => {
      const reading = plan();
      const lost = new Set<number>();
      for (const subject of order) {
        lost.add(subject);
        reading.replace(subject, reading.positionsOf(subject, 0), (n) => !lost.has(n));
      }
      return list(reading);
    });
    expect(orders[0]).toEqual(orders[1]);
    expect(new Set(orders[0]!.map(({ subject }) => subject))).toEqual(new Set([0, 3]));
  });

  it('goes round the end of the list and says when nobody is left', () => {
    const reading = plan();
    expect(reading.replace(3, [3, 7], () => true)).toBe(true);
    expect(reading.at(3).subject).toBe(0);
    expect(reading.replace(0, [0, 4], () => false)).toBe(false);
  });

  it('finds substitutes that have no patch of their own in the plan', () => {
    const reading = new ReadingPlan([{ subject: 2, sample: 0 }], 1, 4);
    reading.replace(2, [0], () => true);
    expect(reading.at(0)).toEqual({ subject: 3, sample: 3 });
  });
});
