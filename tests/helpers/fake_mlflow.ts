/** An MLflow server in memory that keeps every point it is sent, and fails on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

export interface FakeAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

/**
 * 'before': the connection ends and nothing happens; 'after': it happens, and the answer is lost; 'never':
 * nothing happens, and the connection stays.
 */
export type Fault = FakeAnswer | 'before' | 'after' | 'never' | undefined;

interface FakeRun {
  readonly info: Record<string, unknown>;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly metrics: { key: string; value: number; step: number; timestamp: number }[];
  readonly inputs: unknown[];
}

const error = (status: number, code: string): FakeAnswer => ({
  status,
  text: JSON.stringify({ error_code: code, message: `fake: ${code}` }),
});
const json = (value: unknown): FakeAnswer => ({ status: 200, text: JSON.stringify(value) });
const MISSING = error(404, 'RESOURCE_DOES_NOT_EXIST');
const TAKEN = error(400, 'RESOURCE_ALREADY_EXISTS');

export class FakeMlflow {
  readonly requests: FakeRequest[] = [];
  readonly experiments = new Map<string, string>();
  readonly runs = new Map<string, FakeRun>();
  readonly artifacts = new Map<string, Buffer>();
  readonly models = new Map<string, { name: string; version: string; run_id: string }[]>();
  artifactRoot = 'mlflow-artifacts:';
  /** Asked for every request. */
  fault: (request: FakeRequest) => Fault = () => undefined;
  private server: Server | undefined;
  private port = 0;

  get uri(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The only run. */
  get run(): FakeRun {
    const [only, ...others] = this.runs.values();
    if (!only || others.length > 0) throw new Error(`there are ${this.runs.size} runs`);
    return only;
  }

  /** Points of the only run as `key@step`, in the order of arrival. */
  get points(): string[] {
    return this.run.metrics.map(({ key, step }) => `${key}@${step}`);
  }

  /** On the port it had before, if it had one. */
  async start(): Promise<this> {
    const server = createServer((message, response) => void this.answer(message, response));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  private async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of message) parts.push(part as Buffer);
    const { pathname, searchParams } = new URL(message.url ?? '/', this.uri);
    const request: FakeRequest = {
      method: message.method ?? '',
      path: pathname,
      query: searchParams,
      headers: message.headers,
      bytes: Buffer.concat(parts),
    };
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault === 'never') return;
    if (fault === 'before') {
      message.socket.destroy();
      return;
    }
    const answer = typeof fault === 'object' ? fault : this.handle(request);
    if (fault === 'after') {
      message.socket.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.text);
  }

  private handle({ method, path, query, bytes }: FakeRequest): FakeAnswer {
    const file = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.*)$/.exec(path)?.[1];
    if (file !== undefined) {
      this.artifacts.set(decodeURIComponent(file), bytes);
      return json({});
    }
    const body = method === 'POST' ? JSON.parse(bytes.toString('utf8')) : {};
    switch (path.replace('/api/2.0/mlflow/', '')) {
      case 'experiments/get-by-name': {
        const id = this.experiments.get(query.get('experiment_name') ?? '');
        return id ? json({ experiment: { experiment_id: id } }) : MISSING;
      }
      case 'experiments/create': {
        if (this.experiments.has(body.name)) return TAKEN;
        this.experiments.set(body.name, String(this.experiments.size + 1));
        return json({ experiment_id: this.experiments.get(body.name) });
      }
      case 'runs/create': {
        const runId = `run${this.runs.size}`;
        const { experiment_id, run_name, start_time, tags } = body;
        this.runs.set(runId, {
          info: {
            run_id: runId,
            experiment_id,
            run_name,
            start_time,
            status: 'RUNNING',
            artifact_uri: `${this.artifactRoot}/${experiment_id}/${runId}/artifacts`,
          },
          params: new Map(),
          tags: new Map(tags.map((tag: { key: string; value: string }) => [tag.key, tag.value])),
          metrics: [],
          inputs: [],
        });
        return json({ run: this.shown(runId) });
      }
      case 'runs/search': {
        const [, tag, value] = /`(.+)` = '(.+)'/.exec(body.filter) ?? [];
        const found = [...this.runs].filter(([, { tags }]) => tags.get(tag ?? '') === value);
        return json(found.length > 0 ? { runs: found.map(([id]) => this.shown(id)) } : {});
      }
      case 'model-versions/search': {
        const all = [...this.models.values()].flat();
        return json({
          model_versions: all.filter(({ run_id }) => query.get('filter')?.includes(`'${run_id}'`)),
        });
      }
      case 'registered-models/create': {
        if (this.models.has(body.name)) return TAKEN;
        this.models.set(body.name, []);
        return json({});
      }
      case 'model-versions/create': {
        const versions = this.models.get(body.name);
        if (!versions) return MISSING;
        versions.push({ ...body, version: String(versions.length + 1) });
        return json({ model_version: versions.at(-1) });
      }
    }
    const runId: string = body.run_id ?? query.get('run_id');
    const run = this.runs.get(runId);
    if (!run) return MISSING;
    switch (path.replace('/api/2.0/mlflow/', '')) {
      case 'runs/get':
        return json({ run: this.shown(runId) });
      case 'runs/update':
        Object.assign(run.info, { status: body.status, end_time: body.end_time });
        return json({});
      case 'runs/set-tag':
        run.tags.set(body.key, body.value);
        return json({});
      case 'runs/log-batch':
        for (const { key, value } of body.params ?? []) {
          if ((run.params.get(key) ?? value) !== value)
            return error(400, 'INVALID_PARAMETER_VALUE');
          run.params.set(key, value);
        }
        for (const { key, value } of body.tags ?? []) run.tags.set(key, value);
        run.metrics.push(...(body.metrics ?? []));
        return json({});
      case 'runs/log-inputs':
        run.inputs.push(...body.datasets);
        return json({});
      case 'metrics/get-history':
        return json({ metrics: run.metrics.filter(({ key }) => key === query.get('metric_key')) });
      default:
        return error(404, 'ENDPOINT_NOT_FOUND');
    }
  }

  private shown(runId: string): unknown {
    const { info, params } = this.runs.get(runId)!;
    return { info, data: { params: [...params].map(([key, value]) => ({ key, value })) } };
  }
}
