/** The settings of a training run: what a JSON file may say, and what stands once data has filled the gaps. */
import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import type { Precision } from '../gpu/shader.ts';
import { unetConfig } from '../nn/unet_config.ts';
import type { OnUnreadable } from '../patch/epoch_reader.ts';
import { type PatchConfig, patchConfig } from '../patch/patch_config.ts';
import { preprocessingTransforms } from '../patch/preprocessing.ts';
import { samplerOf } from '../patch/sampler.ts';
import { transformFromSpec } from '../patch/transforms/from_spec.ts';
import type { Triple } from '../shape.ts';
import type { DatasetAnalysis } from './dataset_analysis.ts';
import { gpuStageNames } from './gpu_augmentations.ts';
import { planNetwork } from './plan.ts';
import type { StepMemory } from './step_memory.ts';

/** How activations can be stored. */
export const PRECISIONS = ['f32', 'f16'] as const satisfies readonly Precision[];

/** What may become of a volume that cannot be read. */
export const ON_UNREADABLE = ['fatal', 'skip'] as const satisfies readonly OnUnreadable[];

const count = z.int().positive();
const axes = z.tuple([count, count, count]);
const perAxis = z.union([count, axes]);
const share = z.number().min(0).lt(1);

const network = z.strictObject({
  /** Width of every level, the last is the bottom. Planned where missing. */
  channels: z.array(count).min(2).optional(),
  /** One per level above the bottom. Planned where missing. */
  strides: z.array(perAxis).min(1).optional(),
  kernelSize: perAxis.default(3),
  upKernelSize: perAxis.default(3),
  numResUnits: z.int().nonnegative().default(2),
  act: z.enum(['prelu', 'relu']).default('prelu'),
  norm: z.enum(['instance', 'instance_affine', 'none']).default('instance'),
  dropout: share.default(0),
  bias: z.boolean().default(true),
});

const training = z.strictObject({
  /** Passes over the training subjects; excludes `steps`. */
  epochs: count.optional(),
  /** Optimiser steps in all; excludes `epochs`. */
  steps: count.optional(),
  batchSize: count.default(4),
  /** Batches per optimiser step, whose gradients are averaged. */
  accumulate: count.default(1),
  /** Computes activations twice instead of keeping them: less memory, the same model. */
  checkpointing: z.boolean().default(false),
  /** Storage of activations and their gradients: half precision takes about half the memory. */
  precision: z.enum(PRECISIONS).default('f32'),
  /** The one-cycle schedule's maximum. */
  learningRate: z.number().positive().default(3e-3),
  /** Decoupled, as fastai's Adam: not on biases. */
  weightDecay: z.number().nonnegative().default(0.01),
  /** Ends training after this many epochs without a better validation Dice. Default: never. */
  earlyStopping: count.optional(),
  /** Decay of the average of weights that is validated and saved. Default: the weights themselves. */
  ema: share.optional(),
  /** Largest L2 norm of all gradients of a step. Default: any. */
  clipGrad: z.number().positive().optional(),
  /** Of the split, the initial weights, the patches and their order. */
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  /** GPU memory that the plan may count on, GiB. */
  memoryGiB: z.number().positive().default(2),
  /** Threads that read ahead; 0: none. Default: queueNumWorkers, at most one per core. */
  numWorkers: z.int().min(0).max(64).optional(),
  /** Memory for volumes and patches, GiB. Default: what the queue mixes at a time, at most 2. */
  dataMemoryGiB: z.number().positive().optional(),
  /** Of volumes that cannot be read: end the training, or take patches of others. */
  onUnreadable: z.enum(ON_UNREADABLE).default('fatal'),
});

const split = z.strictObject({
  /** Share of subjects (or groups) that chooses the best model. */
  validPct: share.default(0.2),
  /** Share that training never sees. */
  testPct: share.default(0),
  /** Regular expression whose first group names the patient. */
  groupBy: z.string().optional(),
  /** Regular expressions of subjects to leave out. */
  exclude: z.array(z.string()).default([]),
});

const tracking = z.strictObject({
  /** Writes event files for TensorBoard. Default: none. */
  tensorBoard: z.boolean().optional(),
  /** Address of an MLflow server that is told of the run. */
  mlflow: z.string().optional(),
  /** There; the network's name where missing. */
  experiment: z.string().min(1).optional(),
  /** There; the time of its start where missing. */
  runName: z.string().min(1).optional(),
});

const schema = z.strictObject({
  /** All labels above 0 become one. */
  binary: z.boolean().default(false),
  patch: z.record(z.string(), z.unknown()).default({}),
  /** Random transforms of training patches, e.g. `{ "name": "RandomFlip", "params": { "axes": [0] } }`. */
  augmentations: z
    .array(
      z.strictObject({ name: z.string(), params: z.record(z.string(), z.unknown()).default({}) }),
    )
    .default([]),
  network: network.prefault({}),
  training: training.prefault({}),
  split: split.prefault({}),
  tracking: tracking.prefault({}),
});

/** Settings with defaults, still without what the data decides. */
export type RunSettings = z.output<typeof schema>;

/** Everything that a run needs; feeding it back as a configuration repeats the run. */
export interface RunConfig {
  readonly binary: boolean;
  readonly patch: PatchConfig;
  readonly augmentations: RunSettings['augmentations'];
  readonly network: Omit<RunSettings['network'], 'channels' | 'strides'> & {
    readonly channels: readonly number[];
    readonly strides: readonly Triple[];
  };
  readonly training: Omit<RunSettings['training'], 'epochs' | 'steps'> &
    ({ readonly epochs: number } | { readonly steps: number });
  readonly split: RunSettings['split'];
  readonly tracking: RunSettings['tracking'];
}

const SECTIONS: Record<string, z.ZodObject> = { network, training, split, tracking };

function configError(issue: z.core.$ZodIssue): ConfigError {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const legal = (path[0] === undefined ? schema : SECTIONS[path[0]])?.shape ?? {};
    const where = path.length > 0 ? ` in '${path.join('.')}'` : '';
    const names = issue.keys.map((key) => `'${key}'`).join(', ');
    return new ConfigError(
      `runSettings: unknown setting${where}. Got ${names}. Legal here: ${Object.keys(legal).join(', ')}.`,
    );
  }
  const arrived = JSON.stringify(issue.input) ?? 'nothing';
  return new ConfigError(
    `runSettings: '${path.join('.') || 'the configuration'}' has no legal value. Got ${arrived}. ${issue.message}.`,
  );
}

/**
 * Checked settings.
 *
 * @param json a parsed configuration file, command-line flags already merged in
 * @throws ConfigError for unknown keys, naming the legal ones, and for values out of range
 */
export function runSettings(json: unknown): RunSettings {
  const parsed = schema.safeParse(json, { reportInput: true });
  if (!parsed.success) throw configError(parsed.error.issues[0]!);
  const { epochs, steps } = parsed.data.training;
  if (epochs !== undefined && steps !== undefined) {
    throw new ConfigError(
      `runSettings: epochs and steps exclude each other. Got ${epochs} epochs and ${steps} steps. Keep one of them.`,
    );
  }
  // Checks the section before any file is read; the plan supplies what is missing.
  patchConfig(parsed.data.patch);
  return parsed.data;
}

export interface DataFacts {
  readonly analysis: DatasetAnalysis;
  /** Channels of the images. */
  readonly inChannels: number;
  /** Classes with background. */
  readonly outChannels: number;
}

/** Roughly this many steps where neither epochs nor steps are given. */
const DEFAULT_STEPS = 400;

const widen = (value: number | readonly [number, number, number]): Triple =>
  typeof value === 'number' ? [value, value, value] : value;

/** Target spacing that the settings fix, if any. */
export function givenSpacing(settings: RunSettings): Triple | undefined {
  return patchConfig(settings.patch).targetSpacing ?? undefined;
}

/**
 * Settings with everything that was left open planned from the data.
 *
 * @throws ConfigError for choices that contradict each other
 */
export function resolveRun(
  settings: RunSettings,
  facts: DataFacts,
): { run: RunConfig; memory: StepMemory } {
  const given = settings.patch;
  const { channels, strides, ...network } = settings.network;
  const { epochs, steps, ...training } = settings.training;
  const { batchSize, accumulate, checkpointing, precision, memoryGiB } = training;
  const plan = planNetwork(facts.analysis, {
    ...network,
    inChannels: facts.inChannels,
    outChannels: facts.outChannels,
    batchSize,
    augmentations: gpuStageNames(settings.augmentations.map(transformFromSpec)),
    accumulate,
    checkpointing,
    precision,
    memoryBytes: memoryGiB * 2 ** 30,
    ...(given.patchSize === undefined ? {} : { patchSize: patchConfig(given).patchSize }),
    ...(channels ? { channels } : {}),
    ...(strides ? { strides: strides.map(widen) } : {}),
  });
  const patch = patchConfig({
    samplerType: 'label',
    patchOverlap: 0.5,
    ...(facts.outChannels > 0 ? { labelProbabilities: balanced(facts.outChannels) } : {}),
    ...given,
    patchSize: plan.patchSize,
    // null is a choice: each volume keeps its own.
    targetSpacing:
      given.targetSpacing === undefined ? facts.analysis.targetSpacing : given.targetSpacing,
    normalization: given.normalization ?? [{ name: 'ZNormalization', params: {} }],
  });
  const run: RunConfig = {
    binary: settings.binary,
    patch,
    augmentations: settings.augmentations,
    network: { ...settings.network, channels: [...plan.channels], strides: plan.strides },
    training: {
      ...training,
      ...(epochs !== undefined ? { epochs } : { steps: steps ?? DEFAULT_STEPS }),
    },
    split: settings.split,
    tracking: settings.tracking,
  };
  checkBuildable(run, facts);
  return { run, memory: plan.memory };
}

/** What would fail once training has begun fails here, before anything is written. */
function checkBuildable(
  { network, patch, augmentations }: RunConfig,
  { inChannels, outChannels }: DataFacts,
): void {
  unetConfig({ ...network, inChannels, outChannels });
  samplerOf(patch);
  preprocessingTransforms(patch.normalization ?? []);
  augmentations.forEach(transformFromSpec);
}

/**
 * Half of the patches are centred on background, the classes share the rest: with less background
 * a network finds the object well, and others like it elsewhere.
 */
function balanced(classes: number): Record<string, number> {
  const weights: Record<string, number> = { 0: 0.5 };
  for (let label = 1; label < classes; label++) weights[label] = 0.5 / (classes - 1);
  return weights;
}
