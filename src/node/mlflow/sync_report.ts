/** What a tracking server still lacks of a run, for people. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { MODEL_FILE, runFiles } from './run_files.ts';
import { readRunRecord } from './run_record.ts';
import type { SyncState } from './sync_state.ts';

export interface SyncReport {
  /** Address of the server. */
  readonly uri: string;
  /** The run's page there; undefined if it does not know the run. */
  readonly page: string | undefined;
  /** Version of the registered model. */
  readonly modelVersion: string | undefined;
  /** What it has not acknowledged, e.g. `12 metric points`; empty: it has everything. */
  readonly unsent: readonly string[];
  /** Why. */
  readonly problem: string | undefined;
  /** Sends the rest later. */
  readonly command: string;
}

const counted = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

/** Compares the folder with what the server has acknowledged; nothing is sent. */
export async function syncReport(
  root: string,
  state: SyncState,
  uri: string,
  problem?: string,
): Promise<SyncReport> {
  const { params, curves } = await readRunRecord(root, state);
  const server = state.servers[uri];
  const points = [...curves.values()].flatMap((curve) =>
    curve.filter(({ key, step }) => step >= (server?.metrics[key] ?? 0)),
  ).length;
  const missing = Object.keys(params).filter((name) => !server?.params.includes(name)).length;
  const logged = state.logged.length - (server?.logged ?? 0);
  const files: string[] = [];
  let hasModel = false;
  for (const { path, file } of await runFiles(root)) {
    if (path === MODEL_FILE) hasModel = true;
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    if (server?.artifacts[path] !== sha256) files.push(path);
  }
  const unsent = [
    ...(missing > 0 ? [counted(missing, 'parameter')] : []),
    ...(points + logged > 0 ? [counted(points + logged, 'metric point')] : []),
    ...(files.length > 0 ? [`${counted(files.length, 'file')} (${files.join(', ')})`] : []),
    ...(server?.status === state.status ? [] : [`the status ${state.status}`]),
    ...(hasModel && state.status === 'FINISHED' && !server?.model ? ['the registered model'] : []),
  ];
  return {
    uri,
    page: server && `${uri}/#/experiments/${server.experimentId}/runs/${server.runId}`,
    modelVersion: server?.model?.version,
    unsent,
    problem: unsent.length > 0 ? problem : undefined,
    command: `voxgrad mlflow ${shellWord(root)} --mlflow ${shellWord(uri)}`,
  };
}

/** The report as lines. */
export function syncReportText(report: SyncReport): string {
  const { uri, page, unsent, problem, command, modelVersion } = report;
  if (unsent.length === 0) {
    return `mlflow: ${page}${modelVersion === undefined ? '' : `, model version ${modelVersion}`}`;
  }
  return [
    `mlflow: ${uri} has not got ${unsent.join(', ')}`,
    ...(problem === undefined ? [] : [`  ${problem}`]),
    `  all of it is in the run folder; to send it: ${command}`,
  ].join('\n');
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
