/** One process at a time, across processes and machines that share a folder. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileError } from './disk_room.ts';

export interface FileLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once, if another process is at it. */
  readonly onWait?: ((holder: string) => void) | undefined;
  /** How often the holder shows that it lives, and a waiting process looks. Default 2000. */
  readonly beatMs?: number | undefined;
}

/** A holder that has not shown itself for this many beats is gone. */
const SILENT_BEATS = 10;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    // Created, and not written yet.
    return undefined;
  }
}

function isGone({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Whether the lock is ours now. */
async function take(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify(holder));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError('withFileLock', path, error);
  }
}

/** What there is to see of a lock; undefined if it has gone meanwhile. */
async function look(path: string): Promise<{ text: string; beat: string } | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return { text, beat: `${text} ${(await stat(path)).mtimeMs}` };
  } catch {
    return undefined;
  }
}

/** Two processes may find the same dead holder: only one of them gets to rename its lock. */
async function removeDead(path: string, text: string): Promise<void> {
  if ((await look(path))?.text !== text) return;
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  await rm(aside, { force: true });
}

async function acquire(path: string, options: FileLockOptions): Promise<void> {
  const { signal, onWait, beatMs = 2000 } = options;
  const mine = { pid: process.pid, host: hostname(), token: randomUUID() };
  let last = '';
  let silent = 0;
  let told = false;
  while (!(await take(path, mine))) {
    signal?.throwIfAborted();
    const seen = await look(path);
    if (!seen) continue;
    const holder = parseHolder(seen.text);
    silent = seen.beat === last ? silent + 1 : 0;
    last = seen.beat;
    if (silent >= SILENT_BEATS || (holder && isGone(holder))) {
      await removeDead(path, seen.text);
      continue;
    }
    if (!told) onWait?.(holder ? `process ${holder.pid} on ${holder.host}` : 'another process');
    told = true;
    await sleep(beatMs, undefined, { ...(signal ? { signal } : {}) }).catch(() => {});
    signal?.throwIfAborted();
  }
}

/**
 * `work`, while no other process is inside `withFileLock` of the same path. One that died inside is
 * noticed at once on the same machine, and after 20 seconds on another.
 *
 * @throws the signal's reason while waiting, VoxgradError where the lock cannot be written
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  await acquire(path, options);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, options.beatMs ?? 2000);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}
