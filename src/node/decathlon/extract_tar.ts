/** Unpacks an archive that may have been made to do harm. */
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import tar from 'tar-stream';
import { FormatError, VoxgradError } from '../../errors.ts';
import { makeFolder } from '../whole_file.ts';
import { fileError } from './disk_room.ts';
import { entryPath } from './entry_path.ts';

export interface ExtractOptions {
  /** The only folder that the archive may hold. */
  readonly top: string;
  /** Default 100000; the Decathlon's largest has some 1500. */
  readonly maxEntries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the archive read, and its size. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

type Entry = Readable & { readonly header: tar.Header };

/** What macOS puts beside files and folders that it archives, `._Task02_Heart` at the root among them. */
const isAppleDouble = (name: string): boolean =>
  name.split('/').some((segment) => segment.startsWith('._'));

function refuse(what: string, name: string): never {
  throw new FormatError(
    `extractTar: an entry of the archive is not safe to unpack: ${what}. Got ${JSON.stringify(name.slice(0, 200))}. Do not use this archive.`,
  );
}

async function createFile(path: string, name: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return await open(path, 'wx');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') {
      refuse('it would replace another one', name);
    }
    throw fileError('extractTar', path, error);
  }
}

async function writeEntry(entry: Entry, path: string): Promise<void> {
  const { name, size = 0 } = entry.header;
  const file = await createFile(path, name);
  let written = 0;
  try {
    for await (const bytes of entry as AsyncIterable<Buffer>) {
      await file.appendFile(bytes).catch((error) => {
        throw fileError('extractTar', path, error);
      });
      written += bytes.length;
    }
  } finally {
    await file.close();
  }
  if (written !== size) refuse(`it has ${written} bytes and announces ${size}`, name);
}

/** The entries, each consumed before the next. */
async function* entriesOf(archive: string, size: number, { signal, onProgress }: ExtractOptions) {
  const source = createReadStream(archive, { highWaterMark: 2 ** 18, signal });
  let done = 0;
  source.on('data', (bytes) => {
    done += bytes.length;
    onProgress?.(done, size);
  });
  const entries = tar.extract();
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries as unknown as Writable);
  try {
    for await (const entry of entries) yield entry as unknown as Entry;
  } finally {
    source.destroy();
    entries.destroy();
  }
}

/** What the parser found, as one of our errors. */
function archiveError(error: unknown, archive: string, size: number): VoxgradError {
  if (error instanceof VoxgradError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const what = code === 'STREAM_DESTROYED' ? 'It ends in the middle of a file' : message;
  return new FormatError(
    `extractTar: not a whole tar archive. ${what} (${archive}, ${size} bytes). Download it again.`,
    { cause: error },
  );
}

/**
 * Unpacks `archive`, an uncompressed tar, into the empty folder `into`, which is made. Only plain files
 * and folders under `top`, none twice, none larger than the archive itself; files of macOS (`._*`)
 * are left out.
 *
 * @returns paths of the files, from `into`, with forward slashes
 * @throws FormatError for any other archive, VoxgradError for a full disk, the signal's reason; what is
 *   in `into` is then for the caller to remove
 */
export async function extractTar(
  archive: string,
  into: string,
  options: ExtractOptions,
): Promise<string[]> {
  const { size } = await stat(archive);
  await makeFolder(into);
  const files: string[] = [];
  const check = entryChecker(size, options);
  try {
    for await (const entry of entriesOf(archive, size, options)) {
      options.signal?.throwIfAborted();
      const path = check(entry.header);
      if (!path) {
        entry.resume();
      } else if (entry.header.type === 'directory') {
        await makeFolder(join(into, ...path));
        entry.resume();
      } else {
        await writeEntry(entry, join(into, ...path));
        files.push(path.join('/'));
      }
    }
    return files;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw archiveError(error, archive, size);
  }
}

/** Where each entry goes, undefined: nowhere. Throws FormatError for the first that is not harmless. */
function entryChecker(archiveBytes: number, { top, maxEntries = 100_000 }: ExtractOptions) {
  // As file systems see them that do not tell cases or accents apart.
  const seen = new Set<string>();
  let count = 0;
  let bytes = 0;
  return ({ name, type, size = 0 }: tar.Header): string[] | undefined => {
    if (++count > maxEntries) refuse(`it is entry ${count} of at most ${maxEntries}`, name);
    bytes += size;
    if (!(bytes <= archiveBytes)) refuse(`it announces ${size} bytes, more than there are`, name);
    if (isAppleDouble(name)) return undefined;
    const path = entryPath(name, top);
    if (type === 'directory') return path;
    if (type !== 'file' && type !== 'contiguous-file') {
      refuse(`it is no plain file and no folder (${type ?? 'unknown kind'})`, name);
    }
    if (path.length === 0) refuse('it would replace the folder itself', name);
    const key = path.join('/').normalize('NFC').toLowerCase();
    if (seen.has(key)) refuse('it is there twice', name);
    seen.add(key);
    return path;
  };
}
