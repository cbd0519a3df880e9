/** RUN/status.json: who trains, since when, on which data; and whether it still does. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { readJsonFile } from '../json_file.ts';

export const STATUS_FILE = 'status.json';

const schema = z.object({
  state: z.enum(['running', 'finished', 'interrupted']),
  pid: z.int().positive(),
  host: z.string(),
  /** When the run began, and when this process took it up. ISO 8601, as `updatedAt`. */
  startedAt: z.string(),
  sessionAt: z.string(),
  /** The heartbeat. */
  updatedAt: z.string(),
  /** Absolute folder of the data set. */
  data: z.string(),
  classNames: z.array(z.string()),
  parameters: z.int().nonnegative(),
  totalSteps: z.int().nonnegative(),
  /** What ended a run that is not complete. */
  error: z.string().nullable(),
});

export type RunStatus = z.output<typeof schema>;

/** A process that is at work writes its heartbeat far more often than this. */
const STALE_MS = 120_000;

/** The status of a run; undefined where there is none, or none that can be read. */
export async function readRunStatus(root: string): Promise<RunStatus | undefined> {
  const json = await readJsonFile(join(root, STATUS_FILE)).catch(() => undefined);
  return schema.safeParse(json).data;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, and is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether a training process is at work: its heartbeat is recent and, on this machine, the process
 * is there. Of a process killed on another machine that is known two minutes later.
 */
export function isAlive(status: RunStatus, now = Date.now()): boolean {
  if (status.state !== 'running') return false;
  if (now - Date.parse(status.updatedAt) > STALE_MS) return false;
  return status.host !== hostname() || processExists(status.pid);
}
