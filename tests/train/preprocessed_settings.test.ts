import { expect, test } from 'vitest';
import { preprocessedSettings } from '../../src/train/preprocessed_settings.ts';
import { runSettings } from '../../src/train/run_config.ts';

const applied = {
  applyReorder: true,
  targetSpacing: [1, 1, 2] as const,
  transforms: [{ name: 'ZNormalization', params: {} }],
  grids: {},
};
const fixed = {
  preprocessed: true,
  applyReorder: true,
  targetSpacing: [1, 1, 2],
  normalization: [{ name: 'ZNormalization', params: {} }],
};

test('what was done stands in the settings, beside what was chosen', () => {
  const settings = runSettings({ binary: true, patch: { samplesPerVolume: 2 } });
  expect(preprocessedSettings(settings, applied)).toEqual({
    ...settings,
    patch: { samplesPerVolume: 2, ...fixed },
  });
  const repeated = runSettings({ patch: fixed });
  expect(preprocessedSettings(repeated, applied)).toEqual(repeated);
});

test.each([
  ['targetSpacing', [1, 1, 1]],
  ['applyReorder', false],
  ['normalization', []],
  ['preprocessed', false],
])('a setting that asks for something else is refused: %s', (name, value) => {
  const settings = runSettings({ patch: { [name]: value } });
  expect(() => preprocessedSettings(settings, applied)).toThrow(`patch.${name}`);
});

test('scans are not called preprocessed that do not say how', () => {
  const settings = runSettings({});
  expect(preprocessedSettings(settings, undefined)).toBe(settings);
  const claimed = runSettings({ patch: { preprocessed: true } });
  expect(() => preprocessedSettings(claimed, undefined)).toThrow(/does not say how/);
});
