/** Files of many gigabytes over connections that break. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { VoxgradError } from '../../errors.ts';
import { checkRoom, fileError } from './disk_room.ts';
import {
  bytesOnDisk,
  readDownloadState,
  removeDownloadState,
  writeDownloadState,
} from './download_state.ts';
import {
  askHttp,
  type HttpAnswer,
  httpAgent,
  StalePartError,
  TransientError,
} from './http_source.ts';

export interface DownloadOptions {
  /** Ends it; what has arrived stays, to be continued by the next call. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, those of earlier calls included, and in all if the server says so. */
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
  /** Receives a sentence when a connection broke and is tried again. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Tries in a row that bring nothing new before it is given up. Default 6. */
  readonly tries?: number | undefined;
  /** Before the second try; doubled each time, up to a minute. Default 1000. */
  readonly backoffMs?: number | undefined;
  /** Silence after which a connection counts as broken. Default 30000. */
  readonly stallMs?: number | undefined;
}

const LONGEST_PAUSE_MS = 60_000;

/**
 * Fills `part` with the file at `url`, beginning where an earlier call ended if it still is the same
 * file (by ETag or Last-Modified). `<part>.json` remembers which that is. What arrives is as good as
 * the server: compare its checksum.
 *
 * @throws the signal's reason; `part` stays
 * @throws VoxgradError if the server refuses, keeps failing, or the disk is full; `part` stays
 */
export async function downloadFile(
  url: string,
  part: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { signal, onWarning, tries = 6, backoffMs = 1000, stallMs = 30_000 } = options;
  const agent = httpAgent(stallMs);
  let failures = 0;
  let most = await bytesOnDisk(part);
  try {
    for (;;) {
      signal?.throwIfAborted();
      try {
        await attempt(url, part, agent, { ...options, stallMs });
        await removeDownloadState(part);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof VoxgradError) throw error;
        const have = await bytesOnDisk(part);
        failures = have > most ? 0 : failures + 1;
        most = Math.max(most, have);
        const reason = (error as Error).message || String((error as NodeJS.ErrnoException).code);
        if (failures >= tries) throw givenUp(url, part, have, tries, reason, error);
        const wanted = error instanceof TransientError ? error.retryAfterMs : undefined;
        const pause =
          wanted ?? Math.min(backoffMs * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);
        onWarning?.(`${reason} after ${have} bytes; trying again in ${Math.ceil(pause / 1000)} s`);
        await sleep(pause, undefined, signal ? { signal } : {}).catch(() => {});
      }
    }
  } finally {
    await agent.destroy();
  }
}

function givenUp(
  url: string,
  part: string,
  have: number,
  tries: number,
  reason: string,
  cause: unknown,
): VoxgradError {
  return new VoxgradError(
    `downloadFile: the download does not get on. ${url}: ${reason}, ${tries} times in a row; ${have} bytes are in ${part}. Check the network (HTTP_PROXY and HTTPS_PROXY are heeded) and run again: it goes on from there.`,
    { cause },
  );
}

/** One connection. Throws whatever ended it early. */
async function attempt(
  url: string,
  part: string,
  agent: Dispatcher,
  options: DownloadOptions & { readonly stallMs: number },
): Promise<void> {
  const state = await readDownloadState(part, url);
  const from = state ? await bytesOnDisk(part) : 0;
  let answer: HttpAnswer;
  try {
    answer = await askHttp(url, agent, {
      from,
      validator: state?.validator,
      stallMs: options.stallMs,
      signal: options.signal,
    });
  } catch (error) {
    // Nothing can be made of a part of another file.
    if (error instanceof StalePartError) await rm(part, { force: true });
    throw error;
  }
  const { body, start, total, validator } = answer;
  if (!body) return;
  await checkRoom(dirname(part), (total ?? start) - start, 'the download');
  const file = await openPart(part, start);
  try {
    if (start === 0) await writeDownloadState(part, { url, validator, total });
    const end = await receive(body, file, part, start, total, options);
    if (total === undefined || end === total) return;
    if (end > total) await file.truncate(0);
    throw new TransientError(`the server sent ${end} of ${total} bytes`);
  } finally {
    await file.close();
  }
}

async function openPart(part: string, start: number): Promise<FileHandle> {
  try {
    return await open(part, start === 0 ? 'w' : 'r+');
  } catch (error) {
    throw fileError('downloadFile', part, error);
  }
}

async function receive(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  part: string,
  start: number,
  total: number | undefined,
  { onProgress }: DownloadOptions,
): Promise<number> {
  let end = start;
  onProgress?.(end, total);
  for await (const bytes of body) {
    try {
      for (let at = 0; at < bytes.length; ) {
        at += (await file.write(bytes, at, bytes.length - at, end + at)).bytesWritten;
      }
    } catch (error) {
      throw fileError('downloadFile', part, error);
    }
    end += bytes.length;
    onProgress?.(end, total);
  }
  return end;
}
