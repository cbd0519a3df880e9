import { describe, expect, it } from 'vitest';
import { TrainingProgress, type TrainProgress } from '../../src/browser/training_progress.ts';
import type { EpochRecord, History } from '../../src/train/history.ts';

function watched() {
  const sent: TrainProgress[] = [];
  const clock = { now: 0 };
  const progress = new TrainingProgress(
    (message) => sent.push(message),
    () => clock.now,
  );
  const step = (number: number, milliseconds: number): void => {
    clock.now += milliseconds;
    progress.step({ step: number, epoch: 0, loss: 1 - number / 100, lr: 0, momentum: 0 }, 100, 0.5);
  };
  return { sent, clock, progress, step };
}

describe('TrainingProgress', () => {
  it('sends steps in bundles, and none is left out', () => {
    const { sent, progress, step } = watched();
    for (let n = 0; n < 40; n++) step(n, 10);
    progress.flush();
    expect(sent.length).toBeLessThan(7);
    expect(sent.flatMap(({ steps }) => steps.map((record) => record.step))).toEqual(
      Array.from({ length: 40 }, (_, n) => n),
    );
  });

  it('tells the time left from the pace, without pauses', () => {
    const { sent, clock, progress, step } = watched();
    for (let n = 0; n < 10; n++) step(n, 200);
    progress.paused();
    clock.now += 1e6;
    progress.running();
    step(10, 200);
    expect(sent.at(-1)).toMatchObject({ stage: 'training', done: 11, total: 100 });
    expect(sent.at(-1)!.secondsLeft).toBeCloseTo(0.2 * 89, 6);
  });

  it('takes back the steps that a lost device will do again', () => {
    const { sent, progress, step } = watched();
    for (let n = 0; n < 5; n++) step(n, 1);
    const history = { steps: [{}, {}, {}], epochs: [] as EpochRecord[] } as unknown as History;
    progress.restart(history);
    expect(sent.at(-1)).toMatchObject({
      stage: 'recovering',
      done: 3,
      restart: { steps: 3, epochs: 0 },
    });
    // What was never sent and is done again is not sent either.
    const numbers = sent.flatMap(({ steps }) => steps.map((record) => record.step));
    expect(numbers).toEqual([0, 1, 2]);
  });
});
