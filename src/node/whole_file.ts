/** Folders and files that are written whole or not at all. */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../errors.ts';

/**
 * Creates a folder and those above it. Throws ConfigError naming the one that cannot be made.
 *
 * Not mkdir's own `recursive`, which never returns on file systems that answer ENOENT for a folder
 * whose parent exists, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  const parent = dirname(path);
  if (!found && parent !== path) await makeFolder(parent);
  try {
    await mkdir(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Another process was faster.
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    throw new ConfigError(
      `makeFolder: the folder cannot be made. ${message}. Choose a place that can be written.`,
      { cause: error },
    );
  }
}

/**
 * Writes a file that is either the old one or all of the new one, never half. Makes its folder.
 * Throws ConfigError where that is impossible.
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    // On the disk before it has its name: a power cut leaves the old file or the new one.
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new ConfigError(
      `writeWholeFile: ${path} cannot be written. ${(error as Error).message}. Choose another folder, or make room.`,
      { cause: error },
    );
  }
}

/** Removes what `writeWholeFile` of processes that are gone has begun in a folder. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = /^\..+\.(\d+)\.part$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** `writeWholeFile` of indented JSON. */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await writeWholeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
