/** Flags of a training, and what they mean on top of a configuration file. */
import type { Command } from 'commander';
import { ON_UNREADABLE, PRECISIONS, type RunSettings, runSettings } from '../train/run_config.ts';
import * as values from './option_values.ts';

/** Adds the flags of data, patches, network and split, which all commands that train share. */
export function addSettingOptions(command: Command): Command {
  return command
    .option('--config <file>', 'settings as JSON')
    .option('--binary', 'all labels above 0 are one')
    .option('--seed <n>', 'of split, weights and patches (default: 0)', values.seedNumber)
    .option('--batch-size <n>', 'patches computed together (default: 4)', values.positiveInteger)
    .option(
      '--accumulate <n>',
      'batches whose gradients make one step (default: 1)',
      values.positiveInteger,
    )
    .option('--checkpointing', 'compute activations twice instead of keeping them')
    .option(
      '--precision <name>',
      'storage of activations: f32 or f16, half the memory (default: f32)',
      values.oneOf(PRECISIONS),
    )
    .option('--patch-size <i,j,k>', 'voxels', values.triple)
    .option(
      '--samples-per-volume <n>',
      'patches per subject and epoch (default: 8)',
      values.positiveInteger,
    )
    .option('--spacing <i,j,k>', 'target spacing in mm', values.triple)
    .option('--channels <list>', 'width per level, e.g. 16,32,64,128', values.integers)
    .option('--strides <list>', 'per level, e.g. 2,2,2 or 2x2x1,2x2x2', values.strides)
    .option('--res-units <n>', 'convolutions per residual unit (default: 2)', values.count)
    .option(
      '--memory <GiB>',
      'GPU memory the plan may count on (default: 2)',
      values.positiveNumber,
    )
    .option(
      '--workers <n>',
      'threads that read volumes ahead (default: 4, one per core)',
      values.count,
    )
    .option(
      '--data-memory <GiB>',
      'memory for volumes and patches (default: what the queue mixes, at most 2)',
      values.positiveNumber,
    )
    .option(
      '--on-unreadable <what>',
      'of a volume that cannot be read: fatal, or skip (default: fatal)',
      values.oneOf(ON_UNREADABLE),
    )
    .option(
      '--valid-pct <share>',
      'subjects that choose the best model (default: 0.2)',
      values.share,
    )
    .option('--test-pct <share>', 'subjects held out as unseen (default: 0)', values.share)
    .option('--group-by <regex>', 'keep subjects with the same first group together')
    .option(
      '--exclude <regex>',
      'leave out subjects whose name matches (repeatable)',
      values.collect,
    )
    .option('--split <file>', 'take the subjects of each section from this split.json');
}

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
  earlyStopping: ['training', 'earlyStopping'],
  ema: ['training', 'ema'],
  clipGrad: ['training', 'clipGrad'],
  memory: ['training', 'memoryGiB'],
  workers: ['training', 'numWorkers'],
  dataMemory: ['training', 'dataMemoryGiB'],
  onUnreadable: ['training', 'onUnreadable'],
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
  tensorboard: ['tracking', 'tensorBoard'],
  mlflow: ['tracking', 'mlflow'],
  mlflowExperiment: ['tracking', 'experiment'],
  mlflowRunName: ['tracking', 'runName'],
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
