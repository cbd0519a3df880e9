import { expect, it } from 'vitest';
import { StepPace } from '../../src/cli/step_pace.ts';

it('follows the steps, and leaves out pauses', () => {
  let time = 0;
  const pace = new StepPace(() => time);
  const steps = (count: number, milliseconds: number): void => {
    for (let n = 0; n < count; n++) {
      time += milliseconds;
      pace.step();
    }
  };
  steps(1, 100);
  expect(pace.perSecond).toBeNaN();
  steps(1, 100);
  expect(pace.perSecond).toBe(10);
  pace.pause();
  time += 60_000;
  steps(5, 100);
  expect(pace.perSecond).toBeCloseTo(10);
  steps(100, 50);
  expect(pace.perSecond).toBeCloseTo(20, 2);
});
