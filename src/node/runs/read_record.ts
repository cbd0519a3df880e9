/** Reads what a run has recorded, also while it is being written. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FormatError } from '../../errors.ts';
import type { EpochPoint } from '../../train/run_listing.ts';
import { readJsonFile } from '../json_file.ts';
import { runFolder } from '../run_folder.ts';
import { STEPS_FILE } from './live_record.ts';

const value = z.number().nullable();

const stepSchema = z.object({ step: z.int().nonnegative(), loss: value, lr: value });

const schema = z.object({
  totalSteps: z.int().nonnegative(),
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
  /** Steps that history.json holds: those of whole epochs, or of a run that has ended. */
  readonly savedSteps: number;
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

/**
 * Steps and epochs of a run. What the process at work has done since it began replaces what an earlier
 * one did after the same step.
 *
 * @throws FormatError for a history.json that is not one; a run without it has done nothing yet
 */
export async function readRunRecord(root: string): Promise<RunRecord> {
  const { history: path } = runFolder(root);
  const live = await liveSteps(root);
  let saved: z.output<typeof schema> | undefined;
  const json = await readJsonFile(path).catch((error: Error) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
    throw error;
  });
  if (json !== undefined) {
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new FormatError(
        `${path}: readRunRecord: not the history of a run. '${issue?.path.join('.')}': ${issue?.message}. Train again, or remove the folder.`,
      );
    }
    saved = parsed.data;
  }
  const first = live[0]?.step ?? Number.POSITIVE_INFINITY;
  const steps = [...(saved?.steps ?? []).filter(({ step }) => step < first), ...live];
  return {
    totalSteps: saved?.totalSteps,
    savedSteps: saved?.steps.length ?? 0,
    loss: steps.map(({ loss }) => loss),
    lr: steps.map(({ lr }) => lr),
    epochs: saved?.epochs ?? [],
  };
}
