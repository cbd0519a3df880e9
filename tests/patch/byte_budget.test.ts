import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../../src/patch/byte_budget.ts';

describe('ByteBudget', () => {
  it('counts bytes against its limit and remembers the most', () => {
    const budget = new ByteBudget(100);
    budget.take(60);
    expect([budget.fits(40), budget.fits(41)]).toEqual([true, false]);
    budget.take(30);
    budget.give(80);
    expect([budget.bytes, budget.peakBytes]).toEqual([10, 90]);
  });

  it('asks the other members for bytes, never the one in need', () => {
    const budget = new ByteBudget(100);
    const member = (items: number) => ({ evict: () => items-- > 0 });
    const [mine, other] = [member(5), member(2)];
    budget.join(mine);
    budget.join(other);
    expect([1, 2, 3].map(() => budget.evictOther(mine))).toEqual([true, true, false]);
    expect(budget.evictOther(other)).toBe(true);
  });
});
