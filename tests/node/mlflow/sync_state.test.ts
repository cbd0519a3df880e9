import { expect, test } from 'vitest';
import { defaultRunName, isTraining, newSyncState } from '../../../src/node/mlflow/sync_state.ts';

test('a run is named after its start, to the second', () => {
  expect(defaultRunName(new Date(2026, 0, 2, 3, 4, 5))).toBe('run_20260102_030405');
});

test('every run has a key of its own', () => {
  const options = { experiment: 'UNet', startedAt: 0 };
  expect(newSyncState(options).key).not.toBe(newSyncState(options).key);
});

test('a training on another machine may run, a process that is gone does not', () => {
  const state = newSyncState({ experiment: 'UNet', startedAt: 0 });
  expect(isTraining(state)).toBe(false);
  expect(isTraining({ ...state, process: { pid: 1, host: 'elsewhere.invalid' } })).toBe(true);
});
