/** What a training in the page will do, settled before it starts: classes, split, patch, network, memory. */
import { ConfigError } from '../errors.ts';
import { transformFromSpec } from '../patch/transforms/from_spec.ts';
import { showShape, type Triple } from '../shape.ts';
import type { DecodedModel } from '../train/checkpoint.ts';
import { analyseGrids } from '../train/dataset_analysis.ts';
import { gpuStageNames } from '../train/gpu_augmentations.ts';
import { divisorOf } from '../train/plan.ts';
import { type RunConfig, resolveRun, runSettings } from '../train/run_config.ts';
import { type StepMemory, stepMemory } from '../train/step_memory.ts';
import { type SubjectSplit, splitSubjects } from '../train/subject_split.ts';
import { classNamesFor, type LabelClasses } from './label_values.ts';
import type { TrainingData } from './training_data.ts';

/** Networks to train from scratch. */
export const NETWORK_SIZES = ['small', 'medium'] as const;
export type NetworkSize = (typeof NETWORK_SIZES)[number];

/** Every setting has a default that ends in minutes on a few small scans. */
export interface TrainSettings {
  /** Of a network from scratch; a model that is trained further has its own. Default small. */
  readonly size?: NetworkSize;
  /** Optimiser steps. Default 200. */
  readonly steps?: number;
  /** The one-cycle schedule's maximum. Default 3e-3, and 3e-4 for a model that is trained further. */
  readonly learningRate?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Share of the cases that choose the best weights; at least one of two cases. Default 0.25. */
  readonly validPct?: number;
  /** Patches per volume and epoch. Default 8. */
  readonly samplesPerVolume?: number;
  /** Patches per step. Default 2. */
  readonly batchSize?: number;
  /** Random motion, contrast and noise of training patches. Default true. */
  readonly augment?: boolean;
  /** All labels above 0 become one class. Default false. */
  readonly binary?: boolean;
  /** By class, the background first. Default: background, class_1, ... */
  readonly classNames?: readonly string[];
  /** Voxels, `[i, j, k]`. Default: planned from the images and the memory. */
  readonly patchSize?: Triple;
  /** GPU memory that a step may take. Default 1 GiB. */
  readonly gpuBytes?: number;
}

/** A step that would take more memory than it may. */
export interface Refusal {
  readonly reason: string;
  /** The largest smaller patch that fits, and the bytes that a step takes with it; none may fit. */
  readonly patchSize?: Triple;
  readonly bytes?: number;
}

export interface TrainingPlan {
  /** All settings; `voxgrad train --config` takes them. */
  readonly run: RunConfig;
  readonly classes: LabelClasses;
  readonly classNames: readonly string[];
  readonly inChannels: number;
  readonly split: SubjectSplit;
  /** What a step takes on the GPU. */
  readonly memory: StepMemory;
  readonly parameters: number;
  readonly stepsPerEpoch: number;
  /** As sentences. */
  readonly warnings: readonly string[];
  /** Why this cannot be trained in the memory; undefined: it can. */
  readonly refusal?: Refusal;
}

const CHANNELS: Record<NetworkSize, readonly number[]> = {
  small: [8, 16, 32],
  medium: [16, 32, 64, 128],
};

const AUGMENTATIONS = [
  { name: 'RandomAffine', params: { scales: 0.1, degrees: 10 } },
  { name: 'RandomGamma', params: { logGamma: [-0.2, 0.2] } },
  { name: 'RandomNoise', params: { std: [0, 0.1] } },
];

const DEFAULT_GPU_BYTES = 2 ** 30;

/**
 * Settles everything from the facts of the files.
 *
 * @param start the model that is trained further; its classes, network and preprocessing stay
 * @throws ConfigError for settings outside their legal values, and in plain words for labels that
 *   do not fit the model
 */
export function planTraining(
  data: TrainingData,
  settings: TrainSettings = {},
  start?: DecodedModel,
): TrainingPlan {
  const { binary = false, gpuBytes = DEFAULT_GPU_BYTES } = settings;
  const warnings = [...data.warnings];
  const { classes, classNames } = start
    ? classesOf(data, start, binary)
    : ownClasses(data, settings);
  const names = data.grids.map(({ name }) => name);
  const { seed = 0, validPct = 0.25 } = settings;
  if (names.length === 1 && validPct > 0) {
    warnings.push('One case cannot validate itself: the last weights are kept, not the best.');
  }
  const split = splitSubjects(names, {
    validPct: names.length === 1 ? 0 : validPct,
    testPct: 0,
    seed,
  });
  const seen = new Set([...split.train, ...split.validation]);
  const grids = data.grids.filter(({ name }) => seen.has(name));
  const spacing = start?.patchConfig.targetSpacing ?? undefined;
  const facts = {
    analysis: analyseGrids(grids, spacing),
    inChannels: data.channels,
    outChannels: classNames.length,
  };
  const json = settingsJson(settings, binary, start);
  const { run, memory } = resolveRun(runSettings(json), facts);
  const patches = split.train.length * run.patch.samplesPerVolume;
  const stepsPerEpoch = Math.floor(patches / run.training.batchSize);
  if (stepsPerEpoch === 0) {
    throw new ConfigError(
      `planTraining: an epoch has no full batch. Got ${patches} patches for batches of ${run.training.batchSize}. Take more patches per volume.`,
    );
  }
  const plan = {
    run,
    classes,
    classNames,
    inChannels: data.channels,
    split,
    memory,
    parameters: memory.parameters / 4,
    stepsPerEpoch,
    warnings,
  };
  if (memory.peak <= gpuBytes) return plan;
  return { ...plan, refusal: refusalOf(plan, gpuBytes) };
}

function ownClasses(
  { labels }: TrainingData,
  { binary = false, classNames }: TrainSettings,
): { classes: LabelClasses; classNames: string[] } {
  const values = [0, ...labels.map(({ value }) => value)];
  const count = binary ? 2 : values.length;
  return { classes: { binary, values }, classNames: classNamesFor(count, classNames) };
}

/** Those of the model. @throws ConfigError unless the labels are among them */
function classesOf(
  { labels, channels }: TrainingData,
  { classNames, architecture }: DecodedModel,
  binary: boolean,
): { classes: LabelClasses; classNames: readonly string[] } {
  const refuse = (what: string): never => {
    throw new ConfigError(
      `planTraining: the model cannot learn from these files. ${what} Train a new model instead, or choose other files.`,
    );
  };
  if (architecture.outChannels < 2) {
    refuse('It has a single output, and training needs one for each class.');
  }
  if (architecture.inChannels !== channels) {
    refuse(`It takes images of ${architecture.inChannels} channels, these have ${channels}.`);
  }
  if (binary && classNames.length !== 2) {
    refuse(`It tells ${classNames.length} classes apart, and all labels as one make two.`);
  }
  const last = classNames.length - 1;
  const stranger = labels.find(({ value }) => value > last);
  if (!binary && stranger) {
    refuse(
      `The label maps have the value ${stranger.value}, and the model's classes are 0 to ${last} (${classNames.join(', ')}).`,
    );
  }
  return { classes: { binary, values: classNames.map((_, index) => index) }, classNames };
}

/** As a configuration file of `voxgrad train` would say it. */
function settingsJson(
  settings: TrainSettings,
  binary: boolean,
  start: DecodedModel | undefined,
): unknown {
  const { size = 'small', samplesPerVolume = 8, patchSize, augment = true } = settings;
  const { steps = 200, seed = 0, validPct = 0.25, batchSize = 2 } = settings;
  const { learningRate = start ? 3e-4 : 3e-3, gpuBytes = DEFAULT_GPU_BYTES } = settings;
  const own = { samplesPerVolume, ...(patchSize ? { patchSize } : {}) };
  const common = {
    binary,
    augmentations: augment ? AUGMENTATIONS : [],
    training: { steps, batchSize, learningRate, seed, memoryGiB: gpuBytes / 2 ** 30 },
    split: { validPct },
  };
  if (!start) return { ...common, patch: own, network: { channels: CHANNELS[size] } };
  const { name: _, inChannels: __, outChannels: ___, ...network } = start.architecture;
  // The files are as they come, whatever the model was trained on.
  return { ...common, network, patch: { ...start.patchConfig, preprocessed: false, ...own } };
}

/** The largest smaller patch that fits: one step less along the longest axis, until it does. */
function refusalOf(plan: Omit<TrainingPlan, 'refusal'>, gpuBytes: number): Refusal {
  const { run, inChannels, classNames, memory } = plan;
  const { batchSize, accumulate, checkpointing, precision } = run.training;
  const augmentations = gpuStageNames(run.augmentations.map(transformFromSpec));
  const network = { ...run.network, inChannels, outChannels: classNames.length };
  const options = { batchSize, accumulate, checkpointing, precision, augmentations };
  const bytesOf = stepMemory(network, options);
  const divisor = divisorOf(run.network.strides);
  const size: [number, number, number] = [...run.patch.patchSize];
  const mebibytes = (bytes: number): string =>
    `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)} MiB`;
  const reason = `A step with patches of ${showShape(run.patch.patchSize)} voxels takes ${mebibytes(memory.peak)} of GPU memory, more than the ${mebibytes(gpuBytes)} that it may take.`;
  for (;;) {
    const shrinkable = [0, 1, 2].filter((axis) => size[axis]! >= 2 * divisor[axis]!);
    if (shrinkable.length === 0) return { reason };
    const longest = shrinkable.reduce((a, b) => (size[b]! > size[a]! ? b : a));
    size[longest]! -= divisor[longest]!;
    if (size.every((length, axis) => length === divisor[axis])) return { reason };
    const { peak } = bytesOf(size);
    if (peak <= gpuBytes) return { reason, patchSize: [...size], bytes: peak };
  }
}
