/** The part of MLflow's REST interface that a training needs. */
import * as z from 'zod';
import { isMissing, isTaken, TrackingError } from './tracking_error.ts';
import { TrackingHttp, type TrackingHttpOptions, type TrackingRequest } from './tracking_http.ts';

/** One point of a curve. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface RunBatch {
  readonly metrics?: readonly MetricPoint[];
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface RunInfo {
  readonly runId: string;
  readonly experimentId: string;
  /** Where its files belong. */
  readonly artifactUri: string;
  readonly status: string;
  readonly params: ReadonlyMap<string, string>;
}

/** A table that was trained on or validated with. */
export interface DatasetInput {
  readonly name: string;
  /** Of its content, at most 36 characters. */
  readonly digest: string;
  /** Where it is, as JSON. */
  readonly source: string;
  readonly profile: string;
  /** What it was used for, e.g. `training`. */
  readonly context: string;
}

/** Limits of the server; longer values are cut. */
const METRICS_PER_BATCH = 1000;
const ENTRIES_PER_BATCH = 100;
const KEY_LENGTH = 250;
const PARAM_LENGTH = 6000;
const TAG_LENGTH = 8000;

const pairs = z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]);
const run = z.object({
  info: z.object({
    run_id: z.string().regex(/^[\w-]{1,64}$/),
    experiment_id: z.string(),
    artifact_uri: z.string(),
    status: z.string(),
    lifecycle_stage: z.string().default('active'),
  }),
  data: z.object({ params: pairs }).default({ params: [] }),
});
const oneRun = z.object({ run });
const runs = z.object({ runs: z.array(run).default([]) });
const experiment = z.object({ experiment_id: z.string() });
const namedExperiment = z.object({
  experiment: experiment.extend({ lifecycle_stage: z.string().default('active') }),
});
const points = z.object({
  metrics: z.array(z.object({ step: z.coerce.number().default(0) })).default([]),
  next_page_token: z.string().optional(),
});
const version = z.object({ name: z.string(), version: z.coerce.string() });
const oneVersion = z.object({ model_version: version });
const versions = z.object({ model_versions: z.array(version).default([]) });

const API = 'api/2.0/mlflow';

export class MlflowClient {
  readonly http: TrackingHttp;

  /** @throws ConfigError for an address that is none, see `trackingUri` */
  constructor(uri: string, options: TrackingHttpOptions = {}) {
    this.http = new TrackingHttp(uri, options);
  }

  /** Ends its connections. */
  close(): Promise<void> {
    return this.http.close();
  }

  /** The id of an experiment, which is made if there is none. */
  async experiment(name: string): Promise<string> {
    const byName = () => this.get('experiments/get-by-name', { experiment_name: name });
    let found: unknown;
    try {
      found = await byName();
    } catch (error) {
      if (!isMissing(error)) throw error;
      try {
        const made = await this.post('experiments/create', { name });
        return checked(experiment, made, 'experiments/create').experiment_id;
      } catch (late) {
        // Another run was faster, or an answer was lost.
        if (!isTaken(late)) throw late;
        found = await byName();
      }
    }
    const { experiment: known } = checked(namedExperiment, found, 'experiments/get-by-name');
    if (known.lifecycle_stage === 'active') return known.experiment_id;
    throw new TrackingError(
      `MlflowClient: the experiment was deleted. The server keeps '${name}' as ${known.lifecycle_stage}. Restore it there, or choose another name.`,
    );
  }

  /** Not repeated by itself where the answer is lost: look for its tags first. */
  async createRun(options: {
    readonly experimentId: string;
    readonly runName: string;
    readonly startTime: number;
    readonly tags: Readonly<Record<string, string>>;
  }): Promise<RunInfo> {
    const made = await this.post('runs/create', {
      experiment_id: options.experimentId,
      run_name: options.runName,
      start_time: options.startTime,
      tags: entries(options.tags, TAG_LENGTH),
    });
    return runInfo(checked(oneRun, made, 'runs/create').run);
  }

  /** @throws TrackingError with code RESOURCE_DOES_NOT_EXIST */
  async run(runId: string): Promise<RunInfo> {
    const found = await this.get('runs/get', { run_id: runId });
    const { run: known } = checked(oneRun, found, 'runs/get');
    if (known.info.lifecycle_stage === 'active') return runInfo(known);
    throw new TrackingError(
      `MlflowClient: the run was deleted. The server keeps ${runId} as ${known.info.lifecycle_stage}. Restore it there; or remove mlflow.json from the run folder, and a new one is made.`,
    );
  }

  /** The newest run of an experiment that carries a tag, or undefined. */
  async findRun(experimentId: string, tag: string, value: string): Promise<RunInfo | undefined> {
    const found = await this.post(
      'runs/search',
      { experiment_ids: [experimentId], filter: `tags.\`${tag}\` = '${value}'`, max_results: 1 },
      true,
    );
    const [first] = checked(runs, found, 'runs/search').runs;
    return first && runInfo(first);
  }

  /** @param endTime milliseconds since 1970, of a run that is over */
  async updateRun(runId: string, status: RunStatus, endTime?: number): Promise<void> {
    await this.post('runs/update', { run_id: runId, status, end_time: endTime }, true);
  }

  async setTag(runId: string, key: string, value: string): Promise<void> {
    await this.post(
      'runs/set-tag',
      { run_id: runId, ...entries({ [key]: value }, TAG_LENGTH)[0] },
      true,
    );
  }

  /**
   * Parameters, tags and points, in as many requests as the server's limits ask for; parameters and tags
   * come first. Points whose answer is lost are not sent again: what arrived, `metricSteps` knows.
   */
  async logBatch(runId: string, batch: RunBatch): Promise<void> {
    const send = (part: object, repeatable: boolean): Promise<unknown> =>
      this.post('runs/log-batch', { run_id: runId, ...part }, repeatable);
    const params = entries(batch.params ?? {}, PARAM_LENGTH);
    for (const part of chunks(params, ENTRIES_PER_BATCH)) await send({ params: part }, true);
    const tags = entries(batch.tags ?? {}, TAG_LENGTH);
    for (const part of chunks(tags, ENTRIES_PER_BATCH)) await send({ tags: part }, true);
    const finite = (batch.metrics ?? []).filter(({ value }) => Number.isFinite(value));
    for (const part of chunks(finite, METRICS_PER_BATCH)) await send({ metrics: part }, false);
  }

  /** Steps at which a curve has points. */
  async metricSteps(runId: string, key: string): Promise<Set<number>> {
    const steps = new Set<number>();
    let token: string | undefined;
    do {
      const query = { run_id: runId, metric_key: key, page_token: token };
      const page = checked(points, await this.get('metrics/get-history', query), 'get-history');
      const before = steps.size;
      for (const { step } of page.metrics) steps.add(step);
      // A server that leads in circles gives nothing new.
      token = steps.size > before ? page.next_page_token : undefined;
    } while (token);
    return steps;
  }

  async logInputs(runId: string, datasets: readonly DatasetInput[]): Promise<void> {
    const inputs = datasets.map(({ context, ...dataset }) => ({
      tags: [{ key: 'mlflow.data.context', value: context }],
      dataset: { ...dataset, source_type: 'local' },
    }));
    await this.post('runs/log-inputs', { run_id: runId, datasets: inputs }, true);
  }

  /**
   * A new version of a registered model, which is made if there is none; the version that the run has
   * already, if it has one.
   */
  async registerModel(name: string, source: string, runId: string): Promise<string> {
    const found = await this.get('model-versions/search', { filter: `run_id='${runId}'` });
    const { model_versions: all } = checked(versions, found, 'model-versions/search');
    const known = all.find((one) => one.name === name);
    if (known) return known.version;
    try {
      await this.post('registered-models/create', { name });
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const made = await this.post('model-versions/create', { name, source, run_id: runId });
    return checked(oneVersion, made, 'model-versions/create').model_version.version;
  }

  private get(path: string, query: TrackingRequest['query'] & object): Promise<unknown> {
    return this.http.send({ method: 'GET', path: `${API}/${path}`, query, repeatable: true });
  }

  private post(path: string, body: unknown, repeatable = false): Promise<unknown> {
    return this.http.send({ method: 'POST', path: `${API}/${path}`, body, repeatable });
  }
}

const runInfo = ({ info, data }: z.output<typeof run>): RunInfo => ({
  runId: info.run_id,
  experimentId: info.experiment_id,
  artifactUri: info.artifact_uri,
  status: info.status,
  params: new Map(data.params.map(({ key, value }) => [key, value])),
});

function checked<T extends z.ZodType>(schema: T, answer: unknown, path: string): z.output<T> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TrackingError(
    `MlflowClient: the answer is not MLflow's. ${path}: ${issue?.path.join('.') || 'answer'}: ${issue?.message}. Check that this is an MLflow server.`,
  );
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

const entries = (
  values: Readonly<Record<string, string>>,
  length: number,
): { key: string; value: string }[] =>
  Object.entries(values).map(([key, value]) => ({
    key: key.slice(0, KEY_LENGTH),
    value: cut(value, length),
  }));

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size);
}
