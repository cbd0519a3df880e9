/** What a run folder has to say to a tracking server, apart from its files. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import * as z from 'zod';
import { readJsonFile } from '../json_file.ts';
import { runFolder } from '../run_folder.ts';
import type { DatasetInput, MetricPoint } from './mlflow_client.ts';
import { metricPoints, parseHistory, type RunHistory } from './run_metrics.ts';
import { runParams } from './run_params.ts';
import type { SyncState } from './sync_state.ts';

export interface RunRecord {
  readonly params: Readonly<Record<string, string>>;
  /** By curve, steps ascending. */
  readonly curves: ReadonlyMap<string, readonly MetricPoint[]>;
  readonly inputs: readonly DatasetInput[];
  /** Whether the history holds every step of the training. */
  readonly isComplete: boolean;
}

const names = z.array(z.string()).default([]);
const splitSchema = z.object({ train: names, validation: names });

/** A file that is not there, or not any more: a run may end before it writes one. */
const optional = (path: string): Promise<unknown> => readJsonFile(path).catch(() => undefined);

/** Reads config.json, split.json and history.json, as far as there are any. */
export async function readRunRecord(root: string, state: SyncState): Promise<RunRecord> {
  const folder = runFolder(root);
  const [config, split, json] = await Promise.all(
    [folder.config, folder.split, folder.history].map(optional),
  );
  const history = parseHistory(json);
  const epoch = history?.epochs[0]?.steps;
  const params = {
    ...(config === undefined
      ? {}
      : runParams(config, {
          ...(history && epoch ? { epochs: Math.ceil(history.totalSteps / epoch) } : {}),
          ...(history?.lossName ? { lossName: history.lossName } : {}),
        })),
    ...state.params,
  };
  return {
    params,
    curves: history ? metricPoints(history, state.startedAt) : new Map(),
    inputs: datasetInputs(split, state.data),
    isComplete: history !== undefined && isComplete(history),
  };
}

const isComplete = ({ totalSteps, steps, epochs, stopped }: RunHistory): boolean =>
  stopped !== undefined || (steps.length >= totalSteps && epochs.at(-1)?.steps === steps.length);

/** The subjects that are trained on, and those that choose the best epoch. */
function datasetInputs(split: unknown, data: string | undefined): DatasetInput[] {
  const parsed = splitSchema.safeParse(split);
  if (!parsed.success) return [];
  const { train, validation } = parsed.data;
  const tables = { training: train, validation };
  return Object.entries(tables).flatMap(([context, subjects]) => {
    if (subjects.length === 0) return [];
    const digest = createHash('sha256')
      .update(JSON.stringify([data, subjects]))
      .digest('hex');
    return {
      name: data === undefined ? 'subjects' : basename(data),
      digest: digest.slice(0, 16),
      source: JSON.stringify({ uri: data ?? 'split.json' }),
      profile: JSON.stringify({ num_rows: subjects.length }),
      context,
    };
  });
}
