/** A real `mlflow server` with a data base and artefacts in a folder, to start, kill and start again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 180_000;

export class MlflowServer {
  readonly uri: string;
  private readonly programs: string;
  private readonly folder: string;
  private readonly port: number;
  private child: ChildProcess | undefined;

  private constructor(programs: string, folder: string, port: number) {
    this.programs = programs;
    this.folder = folder;
    this.port = port;
    this.uri = `http://127.0.0.1:${port}`;
  }

  /** On a free port, not started yet. */
  static async in(folder: string, programs: string): Promise<MlflowServer> {
    const probe = createServer();
    const port = await new Promise<number>((resolve) => {
      probe.listen(0, '127.0.0.1', () => resolve((probe.address() as { port: number }).port));
    });
    await new Promise((resolve) => probe.close(resolve));
    return new MlflowServer(programs, folder, port);
  }

  /** Returns when it answers. The data base is that of the last time. */
  async start(): Promise<void> {
    const { programs, folder, port } = this;
    const log = openSync(join(folder, 'server.log'), 'a');
    const child = spawn(
      join(programs, 'mlflow'),
      [
        ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
        ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
        ...['--artifacts-destination', join(folder, 'artifacts')],
      ],
      // A group of its own: its workers are killed with it.
      {
        cwd: folder,
        detached: true,
        stdio: ['ignore', log, log],
        env: serverEnvironment(programs),
      },
    );
    this.child = child;
    const until = Date.now() + START_MS;
    while (Date.now() < until && child.exitCode === null) {
      const answer = await fetch(`${this.uri}/health`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(200);
    }
    throw new Error(`mlflow server does not start; see ${join(folder, 'server.log')}`);
  }

  /** As kill -9 of the server and its workers. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    this.child = undefined;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once('exit', resolve));
    }
  }

  /** What it answers to the test itself. */
  get(path: string, query: Record<string, string>): Promise<Record<string, unknown>> {
    return this.ask(`${path}?${new URLSearchParams(query)}`, {});
  }

  /** As `get`, of a question in JSON. */
  post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    return this.ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Bytes of a run's file. */
  async artifact(runId: string, path: string): Promise<Uint8Array> {
    const query = new URLSearchParams({ run_uuid: runId, path });
    const answer = await fetch(`${this.uri}/get-artifact?${query}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  private async ask(path: string, how: RequestInit): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.uri}/api/2.0/${path}`, how);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  }
}

function serverEnvironment(programs: string): NodeJS.ProcessEnv {
  const { PATH = '', ...rest } = process.env;
  return { ...rest, PATH: `${programs}:${PATH}`, MLFLOW_DISABLE_TELEMETRY: 'true' };
}
