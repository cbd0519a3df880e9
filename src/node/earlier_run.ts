/** What is in a run folder before a training begins there, or goes on. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { ConfigError, FormatError } from '../errors.ts';
import type { ChosenNames } from '../gpu/choices.ts';
import { decodeTrainingState, type TrainingState } from '../train/training_state.ts';
import { readJsonFile } from './json_file.ts';
import { type RunFolder, runFolder } from './run_folder.ts';

/** A run whose process has ended too early, at whatever moment. */
export interface InterruptedRun {
  readonly kind: 'interrupted';
  /** Contents of its config.json. */
  readonly config: unknown;
  /** Its split.json. */
  readonly split: string;
  /** Undefined before the first checkpoint: the run begins again. */
  readonly state: TrainingState | undefined;
  /** Its kernels.json; undefined if they had not been chosen. */
  readonly kernels: ChosenNames | undefined;
}

export interface CompleteRun {
  readonly kind: 'complete';
  readonly steps: number;
  readonly epochs: number;
  /** From 0; null if no epoch had a Dice. */
  readonly bestEpoch: number | null;
  readonly bestDice: number | null;
}

/** Nothing that belongs to a run was written. */
export interface NoRun {
  readonly kind: 'none';
}

export type EarlierRun = InterruptedRun | CompleteRun | NoRun;

const historySchema = z.object({
  complete: z.literal(true),
  steps: z.array(z.unknown()),
  epochs: z.array(
    z.object({ epoch: z.int(), accumulatedDice: z.number().nullable(), isBest: z.boolean() }),
  ),
});

const kernelsSchema = z.record(z.string(), z.string());

/**
 * What an earlier process has left in a folder. As config.json is written last of what a run begins
 * with, and history.json says whether all files are there, this holds for a process killed at any moment.
 *
 * @throws ConfigError for a checkpoint without the settings that belong to it
 * @throws FormatError for files that were damaged since
 */
export async function readEarlierRun(root: string): Promise<EarlierRun> {
  const folder = runFolder(root);
  const { config, split, checkpoint, kernels } = folder;
  if (!existsSync(config)) {
    if (!existsSync(checkpoint)) return { kind: 'none' };
    throw new ConfigError(
      `readEarlierRun: a run without its settings. Got ${checkpoint}, but no ${config}. Put the file back, or start over with --overwrite.`,
    );
  }
  const complete = await readCompleteRun(folder);
  if (complete) return complete;
  return {
    kind: 'interrupted',
    config: await readJsonFile(config),
    split,
    state: existsSync(checkpoint) ? decodeTrainingState(await readFile(checkpoint)) : undefined,
    kernels: existsSync(kernels) ? await readKernels(kernels) : undefined,
  };
}

async function readCompleteRun({ history, model }: RunFolder): Promise<CompleteRun | undefined> {
  if (!existsSync(history) || !existsSync(model)) return undefined;
  const { data } = historySchema.safeParse(await readJsonFile(history));
  if (!data) return undefined;
  const best = data.epochs.findLast(({ isBest }) => isBest);
  return {
    kind: 'complete',
    steps: data.steps.length,
    epochs: data.epochs.length,
    bestEpoch: best?.epoch ?? null,
    bestDice: best?.accumulatedDice ?? null,
  };
}

async function readKernels(path: string): Promise<ChosenNames> {
  const parsed = kernelsSchema.safeParse(await readJsonFile(path));
  if (parsed.success) return parsed.data;
  throw new FormatError(
    `${path}: readEarlierRun: not the kernels of a run. ${parsed.error.issues[0]?.message}. Start over with --overwrite.`,
  );
}
