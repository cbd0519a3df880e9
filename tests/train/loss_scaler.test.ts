import { expect, test } from 'vitest';
import { LossScaler } from '../../src/train/loss_scaler.ts';

test('the scale starts at 65536 and is halved whenever a gradient overflows', () => {
  const scaler = new LossScaler();
  expect(scaler.state).toEqual({ scale: 65536, goodSteps: 0, skippedSteps: 0 });
  scaler.update(false);
  scaler.update(true);
  scaler.update(true);
  expect(scaler.state).toEqual({ scale: 16384, goodSteps: 0, skippedSteps: 2 });
});

test('the scale is doubled after 2000 good steps in a row', () => {
  const scaler = new LossScaler();
  for (let step = 0; step < 1999; step++) scaler.update(false);
  expect(scaler.state.scale).toBe(65536);
  scaler.update(false);
  expect(scaler.state).toEqual({ scale: 131072, goodSteps: 0, skippedSteps: 0 });
  for (let step = 0; step < 1999; step++) scaler.update(false);
  scaler.update(true);
  expect(scaler.state).toEqual({ scale: 65536, goodSteps: 0, skippedSteps: 1 });
});

test('it goes on from a saved state', () => {
  const scaler = new LossScaler();
  scaler.load({ scale: 8, goodSteps: 1999, skippedSteps: 3 });
  scaler.update(false);
  expect(scaler.state).toEqual({ scale: 16, goodSteps: 0, skippedSteps: 3 });
});
