import { expect, test } from 'vitest';
import { mergedSettings } from '../../src/cli/train_settings.ts';
import { ConfigError } from '../../src/errors.ts';

test('a flag goes to its place and leaves the rest of the file alone', () => {
  const file = { training: { seed: 5, batchSize: 2 }, network: { channels: [4, 8] } };
  const settings = mergedSettings(file, { batchSize: 3, patchSize: [16, 16, 16], binary: true });
  expect(settings.training).toMatchObject({ seed: 5, batchSize: 3 });
  expect(settings.network.channels).toEqual([4, 8]);
  expect(settings.patch).toEqual({ patchSize: [16, 16, 16] });
  expect(settings.binary).toBe(true);
  expect(file).toEqual({ training: { seed: 5, batchSize: 2 }, network: { channels: [4, 8] } });
});

test('a length on the command line replaces the length in the file, whatever its unit', () => {
  const { training } = mergedSettings({ training: { steps: 10 } }, { epochs: 2 });
  expect(training.epochs).toBe(2);
  expect(training.steps).toBe(undefined);
  expect(() => mergedSettings({}, { epochs: 2, steps: 3 })).toThrow(ConfigError);
});

test('what is no settings object is refused as it is', () => {
  expect(() => mergedSettings([], { epochs: 2 })).toThrow(ConfigError);
  expect(() => mergedSettings({ training: 3 }, { epochs: 2 })).toThrow(/training/);
});
