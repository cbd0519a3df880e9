/** A run folder in one row. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { FormatError } from '../../errors.ts';
import type { RunState, RunSummary } from '../../train/run_listing.ts';
import { readJsonFile } from '../json_file.ts';
import { runFolder } from '../run_folder.ts';
import { STEPS_FILE } from './live_record.ts';
import { parameterCount } from './parameter_count.ts';
import { type HistoryCache, type RunRecord, readRunRecord } from './read_record.ts';
import { isAlive, type RunStatus, readRunStatus, STATUS_FILE } from './run_status.ts';
import { evaluationFiles, readEvaluation, type StoredEvaluation } from './stored_evaluation.ts';

const triple = z.array(z.number()).length(3);

/** The little that a table shows; the rest may be from another version. */
const configSchema = z.looseObject({
  patch: z.looseObject({ patchSize: triple, targetSpacing: triple.nullable().default(null) }),
});

/** Everything that a row is made from. */
export interface RunFiles {
  readonly config: unknown;
  readonly record: RunRecord;
  readonly status: RunStatus | undefined;
  readonly evaluation: StoredEvaluation | undefined;
  readonly summary: RunSummary;
}

/** Time and size of all files that a summary depends on: the same text, the same summary. */
export async function runVersion(root: string): Promise<string> {
  const { config, history, model } = runFolder(root);
  const files = [config, history, model, join(root, STATUS_FILE), join(root, STEPS_FILE)];
  const facts = await Promise.all(
    [...files, ...evaluationFiles(root)].map((path) => stat(path).catch(() => undefined)),
  );
  return facts.map((file) => (file ? `${Math.round(file.mtimeMs)}.${file.size}` : '')).join('-');
}

/** The state as of now: files alone do not tell that a process was killed. */
export function stateOf(record: RunRecord, status: RunStatus | undefined): RunState {
  if (status && isAlive(status)) return 'running';
  return record.isComplete ? 'finished' : 'interrupted';
}

/** By mtime, for runs that left no status. */
async function startOf(path: string, status: RunStatus | undefined): Promise<string | null> {
  if (status) return status.startedAt;
  return (await stat(path).catch(() => undefined))?.mtime.toISOString() ?? null;
}

/**
 * Reads a run folder.
 *
 * @param id names the run; '.' stands for the folder's own name
 * @throws FormatError for a damaged file
 */
export async function readRun(
  root: string,
  id: string,
  cache: HistoryCache = new Map(),
): Promise<RunFiles> {
  const folder = runFolder(root);
  const version = await runVersion(root);
  const config = await readJsonFile(folder.config);
  const parsed = configSchema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FormatError(
      `${folder.config}: readRun: not the settings of a run. '${issue?.path.join('.')}': ${issue?.message}. Train again, or remove the folder.`,
    );
  }
  const record = await readRunRecord(root, cache);
  const status = await readRunStatus(root);
  const evaluation = await readEvaluation(evaluationFiles(root));
  const { patchSize, targetSpacing } = parsed.data.patch;
  const kept = record.epochs.findLast(({ isBest }) => isBest);
  const state = stateOf(record, status);
  const summary: RunSummary = {
    id,
    name: nameOf(root, id),
    state,
    error: state === 'interrupted' ? (status?.error ?? null) : null,
    started: await startOf(folder.config, status),
    steps: record.loss.length,
    totalSteps: record.totalSteps ?? status?.totalSteps ?? null,
    epochs: record.epochs.length,
    bestDice: kept?.accumulatedDice ?? null,
    validLoss: (kept ?? record.epochs.at(-1))?.validLoss ?? null,
    patchSize,
    spacing: targetSpacing,
    parameters: status?.parameters ?? (await parameterCount(folder.model)) ?? null,
    seconds: record.epochs.reduce((sum, { seconds }) => sum + seconds, 0),
    evaluation: evaluation
      ? {
          cases: evaluation.cases.length,
          dsc: evaluation.mean.dsc,
          hd95: evaluation.mean.hd95,
        }
      : null,
    version,
  };
  return { config, record, status, evaluation, summary };
}

const nameOf = (root: string, id: string): string => (id === '.' ? basename(resolve(root)) : id);

/** The row of a run that cannot be read. */
export function damagedRun(root: string, id: string, version: string, error: unknown): RunSummary {
  return {
    id,
    name: nameOf(root, id),
    state: 'damaged',
    error: error instanceof Error ? error.message : String(error),
    started: null,
    steps: 0,
    totalSteps: null,
    epochs: 0,
    bestDice: null,
    validLoss: null,
    patchSize: null,
    spacing: null,
    parameters: null,
    seconds: 0,
    evaluation: null,
    version,
  };
}
