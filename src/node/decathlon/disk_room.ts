/** Whether files will fit before they are written, and what to say when they did not. */
import { statfs } from 'node:fs/promises';
import { VoxgradError } from '../../errors.ts';

/** Bytes that this user may still write in a folder; Infinity where the file system does not tell. */
async function freeBytes(folder: string): Promise<number> {
  const facts = await statfs(folder).catch(() => undefined);
  return facts && facts.blocks > 0 ? facts.bavail * facts.bsize : Number.POSITIVE_INFINITY;
}

/** Throws VoxgradError if `folder` has no room for `bytes` more; `what` names them. */
export async function checkRoom(
  folder: string,
  bytes: number,
  what: string,
  free: (folder: string) => Promise<number> = freeBytes,
): Promise<void> {
  const left = await free(folder);
  if (left >= bytes) return;
  throw new VoxgradError(
    `checkRoom: no room for ${what}. ${folder} has ${left} bytes free, ${bytes} are needed. Make room, or choose another folder.`,
  );
}

/** An error of the file system as one of ours. */
export function fileError(caller: string, path: string, error: unknown): VoxgradError {
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new VoxgradError(
    full
      ? `${caller}: the disk is full. ${path} could not be written to its end. Make room and run again.`
      : `${caller}: ${path} cannot be written. ${message}. Check the folder, or choose another one.`,
    { cause: error },
  );
}
