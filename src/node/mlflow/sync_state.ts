/** RUN/mlflow.json: what a run is called on tracking servers, and what each of them has of it. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';
import { FormatError } from '../../errors.ts';
import { readJsonFile } from '../json_file.ts';
import { writeJsonFile } from '../whole_file.ts';

const milliseconds = z.number().nonnegative();
const count = z.int().nonnegative();
const status = z.enum(['RUNNING', 'FINISHED', 'FAILED', 'KILLED']);

const server = z.strictObject({
  experimentId: z.string(),
  runId: z.string(),
  artifactUri: z.string(),
  /** Of the run there. */
  status: z.string(),
  /** Names of parameters that it has. */
  params: z.array(z.string()).default([]),
  /** By curve: it has all points at steps below this. */
  metrics: z.record(z.string(), count).default({}),
  /** Of `logged`, from the start. */
  logged: count.default(0),
  /** Digests of the tables that it has. */
  inputs: z.array(z.string()).default([]),
  /** SHA-256 of the files that it has, by path. */
  artifacts: z.record(z.string(), z.string()).default({}),
  /** Of the registered model, with the hash of its file. */
  model: z.strictObject({ version: z.string(), sha256: z.string() }).optional(),
});

const schema = z.strictObject({
  version: z.literal(1),
  /** A tag of the run, by which it is found again if the answer to its making was lost. */
  key: z.string(),
  experiment: z.string(),
  runName: z.string(),
  startedAt: milliseconds,
  endedAt: milliseconds.optional(),
  status,
  /** The training under way, which sends by itself. */
  process: z.strictObject({ pid: count, host: z.string() }).optional(),
  tags: z.record(z.string(), z.string()).default({}),
  /** What a folder's files do not say; these win over what they do. */
  params: z.record(z.string(), z.string()).default({}),
  /** Folder of the training data. */
  data: z.string().optional(),
  /** Single values that came after training, each once. */
  logged: z
    .array(
      z.strictObject({ key: z.string(), value: z.number(), step: count, timestamp: milliseconds }),
    )
    .default([]),
  /** Address of the server that it was sent to last. */
  tracking: z.string().optional(),
  servers: z.record(z.string(), server).default({}),
});

export type SyncState = z.output<typeof schema>;
export type ServerState = z.output<typeof server>;

/** `run_20261231_235959`, local time. @see fastMONAI ModelTrackingCallback.before_fit */
export function defaultRunName(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `run_${day}_${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** A run that no server knows yet. */
export function newSyncState(options: {
  readonly experiment: string;
  readonly runName?: string;
  readonly startedAt: number;
}): SyncState {
  const { experiment, startedAt, runName = defaultRunName(new Date(startedAt)) } = options;
  return schema.parse({
    version: 1,
    key: randomUUID(),
    experiment,
    runName,
    startedAt,
    status: 'RUNNING',
  });
}

/**
 * What an earlier process remembered; undefined if there is no file.
 *
 * @throws FormatError for a file that is no such memory
 */
export async function readSyncState(path: string): Promise<SyncState | undefined> {
  if (!existsSync(path)) return undefined;
  const parsed = schema.safeParse(await readJsonFile(path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FormatError(
    `readSyncState: this is no record of what was sent. ${path}: ${issue?.path.join('.') || 'content'}: ${issue?.message}. Remove it: the run is then sent as a new one.`,
  );
}

/** Throws ConfigError where it cannot be written. */
export async function writeSyncState(path: string, state: SyncState): Promise<void> {
  await writeJsonFile(path, state);
}

/** Whether the training that a folder belongs to still runs, as far as this machine can tell. */
export function isTraining({ process: owner }: SyncState): boolean {
  if (!owner || owner.pid === process.pid) return false;
  // What runs elsewhere cannot be asked; its status says whether it has ended.
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
