/** Everything about a training run that can be settled before a GPU is opened. */

import { ConfigError } from '../errors.ts';
import { patchConfig } from '../patch/patch_config.ts';
import { showShape } from '../shape.ts';
import { analyseGrids, type DatasetAnalysis } from '../train/dataset_analysis.ts';
import { preprocessedSettings } from '../train/preprocessed_settings.ts';
import type { RunConfig, RunSettings } from '../train/run_config.ts';
import { givenSpacing, resolveRun } from '../train/run_config.ts';
import type { StepMemory } from '../train/step_memory.ts';
import { excludeSubjects, type SubjectSplit, splitSubjects } from '../train/subject_split.ts';
import {
  classNamesOf,
  type DatasetFolder,
  readDatasetFolder,
  readGrids,
  type SubjectFiles,
} from './dataset_folder.ts';
import { readSplitFile } from './run_folder.ts';

export interface RunPlan {
  readonly dataset: DatasetFolder;
  /** Subjects that were not excluded, by name. */
  readonly subjects: ReadonlyMap<string, SubjectFiles>;
  readonly analysis: DatasetAnalysis;
  readonly classNames: readonly string[];
  readonly inChannels: number;
  readonly split: SubjectSplit;
  readonly run: RunConfig;
  /** What a training step takes on the GPU. */
  readonly memory: StepMemory;
  /** What is legal but probably not meant, as sentences. */
  readonly warnings: readonly string[];
}

/**
 * Reads the headers of a task folder and settles spacing, patch size, network and split.
 *
 * Of a folder that `preprocessDataset` wrote, the plan is that of the scans which it was made from.
 *
 * @param splitFile names the subjects of each section; without it they are drawn
 * @throws FormatError for unreadable files, ConfigError for settings that contradict each other
 */
export async function planRun(
  data: string,
  given: RunSettings,
  splitFile?: string,
): Promise<RunPlan> {
  const dataset = await readDatasetFolder(data);
  const applied = dataset.json.preprocessing;
  const settings = preprocessedSettings(given, applied);
  const byName = new Map(dataset.subjects.map((files) => [files.name, files]));
  const { exclude, groupBy, validPct, testPct } = settings.split;
  const names = excludeSubjects([...byName.keys()], exclude);
  const split =
    splitFile === undefined
      ? splitSubjects(names, {
          validPct,
          testPct,
          seed: settings.training.seed,
          ...(groupBy === undefined ? {} : { groupBy }),
        })
      : await readSplitFile(splitFile, names);
  if (split.train.length === 0) {
    throw new ConfigError(
      `planRun: no subject to train on. Got ${showShape([0])} of ${names.length}. Name some under 'train' in ${splitFile}.`,
    );
  }
  const subjects = new Map(names.map((name) => [name, byName.get(name)!]));
  const { applyReorder } = patchConfig(settings.patch);
  const { grids, displaced, channels } = await readGrids([...subjects.values()], applyReorder);
  const seen = new Set([...split.train, ...split.validation]);
  const known = grids
    .filter(({ name }) => seen.has(name))
    // The plan is that of the scans, which resampling to whole voxels may have changed by one.
    .map((grid) => ({ ...grid, ...applied?.grids[grid.name] }));
  const analysis = analyseGrids(known, givenSpacing(settings));
  const classNames = classNamesOf(dataset.json, settings.binary);
  const resolved = resolveRun(settings, {
    analysis,
    inChannels: channels,
    outChannels: classNames.length,
  });
  const warnings: string[] = [];
  if (displaced.length > 0) {
    warnings.push(
      `label map and image lie at different places in ${displaced.length} of ${names.length} subjects, the first is '${displaced[0]}'; voxels are paired by index`,
    );
  }
  const { memoryGiB } = settings.training;
  const { peak } = resolved.memory;
  if (peak > memoryGiB * 2 ** 30) {
    warnings.push(
      `a training step takes ${(peak / 2 ** 30).toFixed(1)} GiB, more than the ${memoryGiB} GiB to count on; checkpointing, half precision, a smaller batch with accumulation, or a smaller patch takes less`,
    );
  }
  const facts = { dataset, subjects, analysis, classNames, inChannels: channels, split };
  return { ...facts, ...resolved, warnings };
}

const rounded = (values: readonly number[]): string =>
  values.map((value) => Math.round(value * 1e3) / 1e3).join(' × ');

function memoryText(memory: StepMemory): string {
  const { parameters, moments, activations, backward, peak } = memory;
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(bytes < 2 ** 23 ? 1 : 0);
  const [p, m, a, b] = [parameters, moments, activations, backward].map(mebibytes);
  return `${mebibytes(peak)} MiB on the GPU per step: parameters ${p}, moments ${m}, activations ${a}, gradients and scratch ${b}`;
}

/** What the plan says, as names and values. */
export function planFacts(plan: RunPlan): [string, string][] {
  const { dataset, analysis, classNames, split, run, memory } = plan;
  const { patch, network, training } = run;
  const rules =
    [...new Set(analysis.spacingRule)].length > 1
      ? analysis.spacingRule.join(', ')
      : analysis.spacingRule[0];
  const length = 'epochs' in training ? `${training.epochs} epochs` : `${training.steps} steps`;
  const { accumulate, checkpointing, precision, earlyStopping, ema, clipGrad } = training;
  const facts = [
    length,
    ...(accumulate > 1 ? [`gradients of ${accumulate} batches per step`] : []),
    ...(checkpointing ? ['activations computed twice'] : []),
    ...(precision === 'f16' ? ['activations in half precision'] : []),
    `learning rate up to ${training.learningRate}`,
    ...(earlyStopping ? [`no more than ${earlyStopping} epochs without a better one`] : []),
    ...(ema === undefined ? [] : [`weights averaged with a decay of ${ema}`]),
    ...(clipGrad ? [`gradients up to a norm of ${clipGrad}`] : []),
    `seed ${training.seed}`,
  ];
  return [
    [
      'data set',
      `${dataset.json.name || dataset.root}: ${split.train.length} training, ${split.validation.length} validation, ${split.test.length} test subjects`,
    ],
    ['classes', classNames.map((name, value) => `${value} ${name}`).join(', ')],
    [
      'sizes',
      `median ${rounded(analysis.medianSize)}, from ${rounded(analysis.minSize)} to ${rounded(analysis.maxSize)} voxels at the target spacing`,
    ],
    [
      'spacing',
      patch.targetSpacing ? `${rounded(patch.targetSpacing)} mm (${rules})` : "each image's own",
    ],
    [
      'patch',
      `${rounded(patch.patchSize)} voxels, ${patch.samplesPerVolume} per volume and epoch, batches of ${training.batchSize}`,
    ],
    [
      'network',
      `UNet, channels ${network.channels.join(' ')}, strides ${network.strides.map((stride) => stride.join('×')).join(' ')}`,
    ],
    ['training', facts.join(', ')],
    ['memory', memoryText(memory)],
  ];
}

/** The plan for people to read. */
export function planText(plan: RunPlan): string {
  return planFacts(plan)
    .map(([name, value]) => `  ${name.padEnd(9)} ${value}`)
    .join('\n');
}
