/** Sends a run folder to an MLflow server after the fact, all of it or what is missing there. */
import { stat } from 'node:fs/promises';
import { ConfigError } from '../../errors.ts';
import { runFolder } from '../run_folder.ts';
import { MlflowClient } from './mlflow_client.ts';
import { readRunRecord } from './run_record.ts';
import { syncPass } from './sync_pass.ts';
import { type SyncReport, syncReport } from './sync_report.ts';
import {
  isTraining,
  newSyncState,
  readSyncState,
  type SyncState,
  writeSyncState,
} from './sync_state.ts';
import type { TrackingHttpOptions } from './tracking_http.ts';
import type { Environment } from './tracking_uri.ts';

export interface SyncRunOptions {
  /** The run folder. */
  readonly root: string;
  /** Default: where its training sent to, then MLFLOW_TRACKING_URI. */
  readonly uri?: string;
  /** Of a run that no server knows yet; default: the network's name, `UNet`. */
  readonly experiment?: string;
  /** Of a run that no server knows yet; default: `run_YYYYmmdd_HHMMSS` of its start. */
  readonly runName?: string;
  /** Of the registered model; default: the experiment's. */
  readonly modelName?: string;
  /** Also where a training seems to send the run itself. Default false. */
  readonly force?: boolean;
  readonly http?: TrackingHttpOptions;
}

/**
 * Brings a server up to date with a run folder. Doing it twice sends nothing twice.
 *
 * @throws ConfigError for a folder without a run, without a server, and while its training sends itself
 * @throws TrackingError if the server does not take it; RUN/mlflow.json notes what it has taken
 */
export async function syncRun(options: SyncRunOptions): Promise<SyncReport> {
  const { root, modelName, http } = options;
  const state = await openState(options);
  const uri = serverOf(options, state);
  const client = new MlflowClient(uri, http);
  state.tracking = client.http.uri;
  const save = () => writeSyncState(runFolder(root).mlflow, state);
  try {
    await save();
    await syncPass({
      client,
      root,
      state,
      save,
      verify: true,
      isOver: true,
      ...(modelName === undefined ? {} : { modelName }),
    });
  } finally {
    await client.close();
  }
  return syncReport(root, state, client.http.uri);
}

/**
 * Adds single values to a run that is over, e.g. of its evaluation: kept in RUN/mlflow.json, then sent. NaN, null
 * and infinities are left out. A name that was given before gets one more point.
 *
 * @throws ConfigError for names that belong to curves of the training, and as `syncRun`
 * @throws TrackingError if the server does not take it; `syncRun` sends it later
 * @see fastMONAI ModelTrackingCallback.log_metrics
 */
export async function logMetrics(
  metrics: Readonly<Record<string, number | null>>,
  options: SyncRunOptions,
): Promise<SyncReport> {
  await keepMetrics(metrics, options);
  return syncRun(options);
}

/**
 * As `logMetrics`, but nothing is sent.
 *
 * @throws ConfigError for names that belong to curves of the training, and for a folder without a run
 */
export async function keepMetrics(
  metrics: Readonly<Record<string, number | null>>,
  options: SyncRunOptions,
): Promise<void> {
  const { root } = options;
  const state = await openState(options);
  const { curves } = await readRunRecord(root, state);
  const timestamp = Date.now();
  for (const [key, value] of Object.entries(metrics)) {
    if (curves.has(key)) {
      throw new ConfigError(
        `logMetrics: the name belongs to a curve of the training. Got '${key}'. Choose another.`,
      );
    }
    if (value === null || !Number.isFinite(value)) continue;
    const step = state.logged.filter((point) => point.key === key).length;
    state.logged.push({ key, value, step, timestamp });
  }
  await writeSyncState(runFolder(root).mlflow, state);
}

async function openState(options: SyncRunOptions): Promise<SyncState> {
  const { root, experiment = 'UNet', runName, force = false } = options;
  const folder = runFolder(root);
  const [config, history] = await Promise.all(
    [folder.config, folder.history].map((path) => stat(path).catch(() => undefined)),
  );
  const begun = config ?? history;
  if (!begun) {
    throw new ConfigError(
      `syncRun: this is no run folder. ${root} has neither config.json nor history.json. Pass the --out folder of a training.`,
    );
  }
  const known = await readSyncState(folder.mlflow);
  if (known && !force && isTraining(known)) {
    const { pid, host } = known.process!;
    throw new ConfigError(
      `syncRun: the training sends itself. It is process ${pid} on ${host}. Wait for its end; or pass --force if it has ended.`,
    );
  }
  const startedAt = Math.round(begun.mtimeMs);
  const state =
    known ?? newSyncState({ experiment, startedAt, ...(runName === undefined ? {} : { runName }) });
  delete state.process;
  if (state.status === 'RUNNING') {
    const { isComplete } = await readRunRecord(root, state);
    state.status = isComplete ? 'FINISHED' : 'KILLED';
    state.endedAt = Math.round((history ?? begun).mtimeMs);
  }
  return state;
}

function serverOf({ uri, root, http }: SyncRunOptions, { tracking }: SyncState): string {
  const env: Environment = http?.env ?? process.env;
  const found = uri ?? tracking ?? env.MLFLOW_TRACKING_URI;
  if (found) return found;
  throw new ConfigError(
    `syncRun: there is no server. ${root} was never sent to one. Pass --mlflow http://HOST:PORT, or set MLFLOW_TRACKING_URI.`,
  );
}
