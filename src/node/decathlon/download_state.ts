/** What a half of a download must remember to be finished later: whose half it is. */
import { readFile, rm, stat } from 'node:fs/promises';
import * as z from 'zod';
import { writeJsonFile } from '../whole_file.ts';

const schema = z.object({
  url: z.string(),
  /** For If-Range: a strong ETag, or Last-Modified. */
  validator: z.string().min(1),
  total: z.number().optional(),
});

export type DownloadState = z.output<typeof schema>;

const stateFile = (part: string): string => `${part}.json`;

/** Bytes of a file that may not be there. */
export async function bytesOnDisk(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Of a part of this URL that can be continued. */
export async function readDownloadState(
  part: string,
  url: string,
): Promise<DownloadState | undefined> {
  const text = await readFile(stateFile(part), 'utf8').catch(() => '');
  try {
    const state = schema.parse(JSON.parse(text));
    return state.url === url ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Call it when the part is empty: a part must never stand beside another file's state. */
export async function writeDownloadState(
  part: string,
  state: { url: string; validator: string | undefined; total: number | undefined },
): Promise<void> {
  if (state.validator === undefined) await rm(stateFile(part), { force: true });
  else await writeJsonFile(stateFile(part), state);
}

/** Forgets the state; the part stays. */
export async function removeDownloadState(part: string): Promise<void> {
  await rm(stateFile(part), { force: true });
}
