/** Settings of a training on files that have been preprocessed: what was done to them is not a choice any more. */
import { ConfigError } from '../errors.ts';
import type { AppliedPreprocessing } from '../io/applied_preprocessing.ts';
import type { RunSettings } from './run_config.ts';

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * The settings with what has been applied in them, as the model file must have it for scans that have
 * not been through it.
 *
 * @param applied undefined for files as they come from a scanner
 * @throws ConfigError for settings that ask for something else than what was done
 * @see fastMONAI PatchConfig.preprocessed
 */
export function preprocessedSettings(
  settings: RunSettings,
  applied: AppliedPreprocessing | undefined,
): RunSettings {
  const { patch } = settings;
  if (!applied) {
    if (patch.preprocessed !== true) return settings;
    throw new ConfigError(
      `preprocessedSettings: the data set does not say how it was preprocessed. Got patch.preprocessed true, and a dataset.json without 'preprocessing'. Pass the folder that 'voxgrad preprocess' wrote, or leave the setting out.`,
    );
  }
  const fixed = {
    preprocessed: true,
    applyReorder: applied.applyReorder,
    targetSpacing: applied.targetSpacing,
    normalization: applied.transforms,
  };
  for (const [name, value] of Object.entries(fixed)) {
    if (patch[name] === undefined || isSame(patch[name], value)) continue;
    throw new ConfigError(
      `preprocessedSettings: the files have been preprocessed otherwise. Got patch.${name} ${JSON.stringify(patch[name])}, they have ${JSON.stringify(value)}. Leave the setting out, or preprocess the scans again.`,
    );
  }
  return { ...settings, patch: { ...patch, ...fixed } };
}
