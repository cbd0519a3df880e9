import { describe, expect, it } from 'vitest';
import { SmoothedLoss } from '../../src/train/smoothed_loss.ts';

describe('SmoothedLoss', () => {
  it('starts at the first loss, without bias towards zero', () => {
    const loss = new SmoothedLoss();
    expect(loss.value).toBeNaN();
    expect(loss.update(3)).toBeCloseTo(3, 12);
    expect(loss.update(3)).toBeCloseTo(3, 12);
  });

  it('weighs older losses by 0.98 per step', () => {
    const loss = new SmoothedLoss();
    loss.update(1);
    expect(loss.update(2)).toBeCloseTo((0.98 * 1 + 2) / 1.98, 12);
  });

  it('forgets everything when reset', () => {
    const loss = new SmoothedLoss();
    loss.update(5);
    loss.reset();
    expect(loss.update(1)).toBeCloseTo(1, 12);
  });
});
