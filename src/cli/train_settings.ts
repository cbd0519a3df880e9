/** Command-line flags on top of a configuration file. */
import { type RunSettings, runSettings } from '../train/run_config.ts';

/** Where each flag stands in the configuration. */
const PLACES = {
  binary: ['binary'],
  epochs: ['training', 'epochs'],
  steps: ['training', 'steps'],
  seed: ['training', 'seed'],
  lr: ['training', 'learningRate'],
  batchSize: ['training', 'batchSize'],
  accumulate: ['training', 'accumulate'],
  checkpointing: ['training', 'checkpointing'],
  precision: ['training', 'precision'],
  memory: ['training', 'memoryGiB'],
  patchSize: ['patch', 'patchSize'],
  samplesPerVolume: ['patch', 'samplesPerVolume'],
  spacing: ['patch', 'targetSpacing'],
  keepLargestComponent: ['patch', 'keepLargestComponent'],
  channels: ['network', 'channels'],
  strides: ['network', 'strides'],
  resUnits: ['network', 'numResUnits'],
  validPct: ['split', 'validPct'],
  testPct: ['split', 'testPct'],
  groupBy: ['split', 'groupBy'],
  exclude: ['split', 'exclude'],
} as const;

/** What commander leaves of the flags above; those not given are missing. */
export type SettingFlags = { readonly [flag in keyof typeof PLACES]?: unknown };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The file's settings with every given flag in its place, checked.
 *
 * @param file contents of the configuration file, {} without one; not changed
 * @throws ConfigError for unknown keys and illegal values
 */
export function mergedSettings(file: unknown, flags: SettingFlags): RunSettings {
  const settings: unknown = structuredClone(file);
  // What is no object is refused by the check, which knows how to say so.
  if (!isObject(settings)) return runSettings(settings);
  const { epochs, steps } = flags;
  if (isObject(settings.training) && (epochs ?? steps) !== undefined) {
    // The run's length on the command line replaces the file's, in whichever unit.
    delete settings.training.epochs;
    delete settings.training.steps;
  }
  for (const [flag, [section, key]] of Object.entries(PLACES)) {
    const value = flags[flag as keyof SettingFlags];
    if (value === undefined) continue;
    if (key === undefined) settings[section] = value;
    else {
      settings[section] ??= {};
      const target = settings[section];
      if (isObject(target)) target[key] = value;
    }
  }
  return runSettings(settings);
}
