import { describe, expect, it } from 'vitest';
import { hannAxis, hannWindow } from '../../src/patch/hann_window.ts';
import { expectClose } from '../helpers/close.ts';

describe('hannWindow', () => {
  it("gives TorchIO's weights", () => {
    expectClose(hannWindow([1, 3, 2]), [0.375, 0.375, 0.75, 0.75, 0.375, 0.375]);
  });

  it('is never 0, even at the corners of the tutorial patch', () => {
    expect(Math.min(...hannWindow([128, 128, 64]).subarray(0, 64))).toBeGreaterThan(0);
  });

  it('is symmetric and highest in the middle', () => {
    const axis = hannAxis(7);
    expect([...axis].reverse().map((w) => w.toFixed(12))).toEqual(
      [...axis].map((w) => w.toFixed(12)),
    );
    expect(axis[3]).toBe(1);
  });
});
