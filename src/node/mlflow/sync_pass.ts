/** One attempt to bring a tracking server up to date with a run folder. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { putArtifact } from './artifact_store.ts';
import type { MlflowClient, RunInfo } from './mlflow_client.ts';
import { MODEL_FILE, MODEL_FOLDER, modelCard, runFiles } from './run_files.ts';
import { type RunRecord, readRunRecord } from './run_record.ts';
import type { ServerState, SyncState } from './sync_state.ts';
import { isMissing } from './tracking_error.ts';

export interface SyncPassOptions {
  readonly client: MlflowClient;
  /** The run folder. */
  readonly root: string;
  /** Of the folder; the pass notes in it what the server has acknowledged. */
  readonly state: SyncState;
  /** Keeps the state. */
  readonly save: () => Promise<void>;
  /** Whether to ask what the server has: after a restart, and after an answer that was lost. */
  readonly verify: boolean;
  /** Whether the run is over, so that files which change while it goes on are sent, too. */
  readonly isOver: boolean;
  /** Name of the model to register; default: the experiment's. */
  readonly modelName?: string;
}

const KEY_TAG = 'voxgrad.key';
/** Of points between two notes of what has arrived. */
const POINTS = 1000;

/** Throws TrackingError where the server does not let it come to the end. */
export async function syncPass(options: SyncPassOptions): Promise<void> {
  const { client, root, state, save, isOver } = options;
  const record = await readRunRecord(root, state);
  const server = await attach(options, record);
  const { runId } = server;
  if (!isOver && server.status !== 'RUNNING') {
    await client.updateRun(runId, 'RUNNING');
    server.status = 'RUNNING';
  }
  await sendParams(options, server, record);
  await sendMetrics(options, server, record);
  const inputs = record.inputs.filter(({ digest }) => !server.inputs.includes(digest));
  if (inputs.length > 0) {
    await client.logInputs(runId, inputs);
    server.inputs.push(...inputs.map(({ digest }) => digest));
  }
  if (isOver && server.status !== state.status) {
    await client.updateRun(runId, state.status, state.endedAt);
    server.status = state.status;
  }
  // Last: a server without room for files has the rest.
  await sendFiles(options, server);
  await save();
}

/** The run on the server: known, found by its key, or made. */
async function attach(options: SyncPassOptions, record: RunRecord): Promise<ServerState> {
  const { client, state, save, verify } = options;
  const address = client.http.uri;
  const known = state.servers[address];
  if (known && !verify) return known;
  let info: RunInfo | undefined;
  if (known) {
    try {
      info = await client.run(known.runId);
    } catch (error) {
      // The server's data base is another one now.
      if (!isMissing(error)) throw error;
    }
  }
  const isSame = info !== undefined;
  if (!info) {
    const experimentId = await client.experiment(state.experiment);
    info =
      (await client.findRun(experimentId, KEY_TAG, state.key)) ??
      (await client.createRun({
        experimentId,
        runName: state.runName,
        startTime: state.startedAt,
        tags: {
          [KEY_TAG]: state.key,
          'mlflow.user': userInfo().username,
          'mlflow.source.name': 'voxgrad',
          'mlflow.source.type': 'LOCAL',
          model_name: 'UNet',
          ...state.tags,
        },
      }));
  }
  const { runId, experimentId, artifactUri, status, params } = info;
  const server: ServerState = {
    inputs: [],
    artifacts: {},
    ...(isSame ? known : {}),
    experimentId,
    runId,
    artifactUri,
    status,
    params: [...params.keys()],
    metrics: {},
    logged: 0,
  };
  for (const [key, points] of record.curves) {
    const steps = await client.metricSteps(runId, key);
    const lacking = points.find(({ step }) => !steps.has(step));
    const last = points.at(-1);
    if (last) server.metrics[key] = lacking ? lacking.step : last.step + 1;
  }
  for (const { key, step } of state.logged) {
    if (!(await client.metricSteps(runId, key)).has(step)) break;
    server.logged++;
  }
  state.servers[address] = server;
  await save();
  return server;
}

async function sendParams(
  { client }: SyncPassOptions,
  server: ServerState,
  { params }: RunRecord,
): Promise<void> {
  const missing = Object.entries(params).filter(([name]) => !server.params.includes(name));
  if (missing.length === 0) return;
  await client.logBatch(server.runId, { params: Object.fromEntries(missing) });
  server.params.push(...missing.map(([name]) => name));
}

async function sendMetrics(
  { client, state, save }: SyncPassOptions,
  server: ServerState,
  { curves }: RunRecord,
): Promise<void> {
  const pending = [...curves.values()]
    .flatMap((points) => points.filter(({ key, step }) => step >= (server.metrics[key] ?? 0)))
    .sort((a, b) => a.timestamp - b.timestamp || a.step - b.step);
  for (let first = 0; first < pending.length; first += POINTS) {
    const metrics = pending.slice(first, first + POINTS);
    await client.logBatch(server.runId, { metrics });
    for (const { key, step } of metrics) server.metrics[key] = step + 1;
    await save();
  }
  const logged = state.logged.slice(server.logged);
  if (logged.length === 0) return;
  await client.logBatch(server.runId, { metrics: logged });
  server.logged += logged.length;
  await save();
}

async function sendFiles(options: SyncPassOptions, server: ServerState): Promise<void> {
  const { client, root, state, save, isOver } = options;
  const { runId, artifactUri } = server;
  const send = async (path: string, bytes: Uint8Array, sha256: string): Promise<void> => {
    if (server.artifacts[path] === sha256) return;
    await putArtifact(client.http, artifactUri, path, bytes);
    server.artifacts[path] = sha256;
    await save();
  };
  for (const { path, file } of await runFiles(root, !isOver)) {
    const bytes = await readFile(file);
    const sha256 = hash(bytes);
    await send(path, bytes, sha256);
    if (path !== MODEL_FILE || server.model?.sha256 === sha256) continue;
    const card = modelCard(bytes, sha256, { runId, createdAt: state.endedAt ?? state.startedAt });
    for (const part of card) await send(part.path, part.bytes, hash(part.bytes));
    if (state.status !== 'FINISHED') continue;
    const name = options.modelName ?? state.experiment;
    const version = await client.registerModel(name, `${artifactUri}/${MODEL_FOLDER}`, runId);
    server.model = { version, sha256 };
    await save();
  }
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
