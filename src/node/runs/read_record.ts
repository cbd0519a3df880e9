/** Reads what a run has recorded, also while it is being written. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { FormatError } from '../../errors.ts';
import type { EpochPoint } from '../../train/run_listing.ts';
import { readJsonFile } from '../json_file.ts';
import { runFolder } from '../run_folder.ts';
import { STEPS_FILE } from './live_record.ts';

const value = z.number().nullable();

const stepSchema = z.object({ step: z.int().nonnegative(), loss: value, lr: value });

const schema = z.object({
  totalSteps: z.int().nonnegative(),
  /** The last thing that a training writes. */
  complete: z.boolean().optional(),
  /** Why it ended before all steps were done, as it was told to. */
  stopped: z.string().optional(),
  steps: z.array(stepSchema),
  epochs: z.array(
    z.object({
      epoch: z.int(),
      steps: z.int(),
      trainLoss: value,
      validLoss: value,
      accumulatedDice: value,
      isBest: z.boolean(),
      seconds: z.number(),
    }),
  ),
});

export interface RunRecord {
  /** Undefined before the first epoch is complete. */
  readonly totalSteps: number | undefined;
  /** Nothing is left to do: all steps are saved, or a callback ended the training. */
  readonly isComplete: boolean;
  /** By step. */
  readonly loss: readonly (number | null)[];
  readonly lr: readonly (number | null)[];
  readonly epochs: readonly EpochPoint[];
}

type StepPoint = z.output<typeof stepSchema>;

/** Whole lines of steps.jsonl; the last may still be on its way. */
async function liveSteps(root: string): Promise<StepPoint[]> {
  const text = await readFile(join(root, STEPS_FILE), 'utf8').catch(() => '');
  const steps: StepPoint[] = [];
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (line === '') continue;
    const parsed = stepSchema.safeParse(safeJson(line));
    if (!parsed.success) break;
    steps.push(parsed.data);
  }
  return steps;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type SavedHistory = z.output<typeof schema>;

/** Histories that were read, by path; a long one is not read again for every step of a running epoch. */
export type HistoryCache = Map<string, { readonly version: string; readonly saved: SavedHistory }>;

async function savedHistory(path: string, cache: HistoryCache): Promise<SavedHistory | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts) return undefined;
  const version = `${facts.mtimeMs}.${facts.size}`;
  const known = cache.get(path);
  if (known?.version === version) return known.saved;
  const parsed = schema.safeParse(await readJsonFile(path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FormatError(
      `${path}: readRunRecord: not the history of a run. '${issue?.path.join('.')}': ${issue?.message}. Train again, or remove the folder.`,
    );
  }
  cache.set(path, { version, saved: parsed.data });
  return parsed.data;
}

function isComplete({ complete, stopped, steps, epochs, totalSteps }: SavedHistory): boolean {
  if (complete !== undefined || stopped !== undefined) return complete ?? true;
  return steps.length >= totalSteps && epochs.at(-1)?.steps === steps.length;
}

/**
 * Steps and epochs of a run. What the process at work has done since it began replaces what an earlier
 * one did after the same step.
 *
 * @throws FormatError for a history.json that is not one; a run without it has done nothing yet
 */
export async function readRunRecord(
  root: string,
  cache: HistoryCache = new Map(),
): Promise<RunRecord> {
  // The live steps first: what leaves them goes to the history.
  const live = await liveSteps(root);
  const saved = await savedHistory(runFolder(root).history, cache);
  const first = live[0]?.step ?? Number.POSITIVE_INFINITY;
  const steps = [...(saved?.steps ?? []).filter(({ step }) => step < first), ...live];
  return {
    totalSteps: saved?.totalSteps,
    isComplete: saved !== undefined && isComplete(saved),
    loss: steps.map(({ loss }) => loss),
    lr: steps.map(({ lr }) => lr),
    epochs: saved?.epochs ?? [],
  };
}
