/** Sends a training to an MLflow server while it runs. Training never waits for the server, nor fails with it. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { runFolder } from '../run_folder.ts';
import { MlflowClient, type RunStatus } from './mlflow_client.ts';
import { syncPass } from './sync_pass.ts';
import { type SyncReport, syncReport } from './sync_report.ts';
import { newSyncState, readSyncState, type SyncState, writeSyncState } from './sync_state.ts';
import type { TrackingHttpOptions } from './tracking_http.ts';

export interface MlflowSessionOptions {
  /** The run folder: what it holds is sent. */
  readonly root: string;
  /** Address of the server. */
  readonly uri: string;
  /** Default: the network's name, `UNet`. */
  readonly experiment?: string;
  /** Default: `run_YYYYmmdd_HHMMSS`. */
  readonly runName?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Besides those of config.json; these win. */
  readonly params?: Readonly<Record<string, string>>;
  /** Folder of the training data. */
  readonly data?: string;
  /** Of the registered model; default: the experiment's. */
  readonly modelName?: string;
  /** Goes on with the run that the folder was sent as before. Default false. */
  readonly resume?: boolean;
  /** Receives when the server is lost, and when it is back. */
  readonly onMessage?: (message: string) => void;
  readonly http?: Omit<TrackingHttpOptions, 'signal'>;
}

/** Between attempts, at first and at most. */
const [SHORTEST_MS, LONGEST_MS] = [1000, 60_000];

export class MlflowSession {
  private readonly options: MlflowSessionOptions;
  private readonly state: SyncState;
  private readonly client: MlflowClient;
  private readonly closing = new AbortController();
  /** Ends what is under way. */
  private readonly deadline: AbortController;
  private wanted = false;
  private running: Promise<void> | undefined;
  private verify = true;
  private problem: string | undefined;

  private constructor(
    options: MlflowSessionOptions,
    state: SyncState,
    client: MlflowClient,
    deadline: AbortController,
  ) {
    this.options = options;
    this.state = state;
    this.client = client;
    this.deadline = deadline;
  }

  /**
   * Notes in RUN/mlflow.json what the run is called, and begins to send. The server is not waited for.
   *
   * @throws ConfigError for an address that is none, and for a folder that cannot be written
   * @throws FormatError for a damaged mlflow.json of a run that is resumed
   */
  static async open(options: MlflowSessionOptions): Promise<MlflowSession> {
    const { root, uri, experiment = 'UNet', runName, data, resume = false } = options;
    const deadline = new AbortController();
    const client = new MlflowClient(uri, { ...options.http, signal: deadline.signal });
    const path = runFolder(root).mlflow;
    const before = resume ? await readSyncState(path) : undefined;
    const fresh = { experiment, startedAt: Date.now(), ...(runName ? { runName } : {}) };
    const state = before ?? newSyncState(fresh);
    state.tracking = client.http.uri;
    state.status = 'RUNNING';
    state.process = { pid: process.pid, host: hostname() };
    Object.assign(state.tags, options.tags);
    Object.assign(state.params, options.params);
    if (data !== undefined) state.data = data;
    delete state.endedAt;
    await writeSyncState(path, state);
    const session = new MlflowSession(options, state, client, deadline);
    session.notify();
    return session;
  }

  /** The folder has something new. Returns at once. */
  notify(): void {
    this.wanted = true;
    this.running ??= this.loop();
  }

  /**
   * Sends the rest, but no longer than the given time. Never throws: what the server has not got, the
   * report says.
   *
   * @param waitMs default 30 s
   */
  async close(status: Exclude<RunStatus, 'RUNNING'>, waitMs = 30_000): Promise<SyncReport> {
    const { options, state, client, deadline } = this;
    const timer = setTimeout(() => deadline.abort(), waitMs);
    this.closing.abort();
    await this.running;
    state.status = status;
    state.endedAt = Date.now();
    let waitBefore = SHORTEST_MS;
    while (!deadline.signal.aborted && !(await this.attempt(true))) {
      await this.pause(waitBefore, deadline.signal);
      waitBefore *= 2;
    }
    if (deadline.signal.aborted) this.problem ??= `It did not answer within ${waitMs / 1000} s.`;
    clearTimeout(timer);
    await client.close();
    delete state.process;
    await this.save().catch((error: Error) => {
      this.problem = error.message;
    });
    return syncReport(options.root, state, client.http.uri, this.problem);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (this.wanted && !this.closing.signal.aborted) {
      this.wanted = false;
      if (await this.attempt(false)) {
        failures = 0;
        continue;
      }
      this.wanted = true;
      const waitMs = Math.min(SHORTEST_MS * 2 ** failures++, LONGEST_MS);
      await this.pause(waitMs, this.closing.signal);
    }
    this.running = undefined;
  }

  /** Whether the server has everything now. */
  private async attempt(isOver: boolean): Promise<boolean> {
    const { options, state, client, verify } = this;
    const { root, modelName, onMessage } = options;
    try {
      await syncPass({
        client,
        root,
        state,
        save: () => this.save(),
        verify,
        isOver,
        ...(modelName === undefined ? {} : { modelName }),
      });
    } catch (error) {
      // An answer may have been lost: what arrived must be asked for.
      this.verify = true;
      const { message } = error as Error;
      const isNew = this.problem === undefined;
      if (!this.deadline.signal.aborted) this.problem = message;
      if (isNew && !isOver) {
        onMessage?.(`mlflow: ${message} Training goes on; what is missing is sent later.`);
      }
      return false;
    }
    this.verify = false;
    if (this.problem !== undefined) onMessage?.('mlflow: the server has everything again');
    this.problem = undefined;
    return true;
  }

  private save(): Promise<void> {
    return writeSyncState(runFolder(this.options.root).mlflow, this.state);
  }

  /** Does not keep the process alive, and ends early with the signal. */
  private async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await sleep(milliseconds, undefined, { signal, ref: signal === this.deadline.signal }).catch(
      () => undefined,
    );
  }
}
