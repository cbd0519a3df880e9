/** NIfTI files on disk: .nii, .nii.gz, and .hdr/.img pairs named by either half. */
import { existsSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { FormatError } from '../errors.ts';
import {
  DEFAULT_MAX_BYTES,
  type NiftiHeader,
  type NiftiImage,
  type NiftiReadOptions,
  type NiftiWriteOptions,
  readNifti,
  readNiftiHeader,
  writeNifti,
} from '../io/nifti.ts';
import type { Volume } from '../io/volume.ts';
import { writeWholeFile } from './whole_file.ts';

const compress = promisify(gzip);

/** Compressed or not, more than any header needs: deflate may store 64 KiB in one block. */
const HEAD_BYTES = 1 << 18;

/**
 * `readNifti` of a file. A pair may be named by its .hdr or its .img, and either may be gzipped.
 * Throws FormatError with the path in front, also for missing files and missing halves of pairs.
 */
export async function readNiftiFile(
  path: string,
  { maxBytes = DEFAULT_MAX_BYTES }: Omit<NiftiReadOptions, 'image'> = {},
): Promise<NiftiImage> {
  return withPath(path, async () => {
    const pair = pairOf(path);
    if (!pair) return readNifti(await readBounded(path, maxBytes), { maxBytes });
    const image = await readBounded(pair.image, maxBytes);
    return readNifti(await readBounded(pair.header, maxBytes), { maxBytes, image });
  });
}

/** The header of a file, without reading its voxels. Throws FormatError as `readNiftiFile`. */
export async function readNiftiHeaderFile(path: string): Promise<NiftiHeader> {
  return withPath(path, async () => {
    const file = await open(pairOf(path)?.header ?? path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return readNiftiHeader(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  });
}

/**
 * Writes a .nii, or a .nii.gz by the name, so that the path holds the old file or all of the new
 * one and never half of it.
 */
export async function writeNiftiFile(
  path: string,
  volume: Volume,
  options: Omit<NiftiWriteOptions, 'gzip'> = {},
): Promise<void> {
  const bytes = writeNifti(volume, { ...options, gzip: false });
  // Node's own compression is several times as fast, and this thread is free meanwhile.
  const isGzip = path.toLowerCase().endsWith('.gz');
  await writeWholeFile(path, isGzip ? await compress(bytes) : bytes);
}

async function withPath<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof FormatError)
      throw new FormatError(`${path}: ${message}`, { cause: error });
    if (code === undefined) throw error;
    throw new FormatError(
      `${path}: readNiftiFile: the file cannot be read. ${message}. Check the path.`,
      { cause: error },
    );
  }
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > maxBytes) {
    throw new FormatError(
      `readNiftiFile: the file is too large. ${size} bytes of at most ${maxBytes}. Raise maxBytes if it is to be trusted.`,
    );
  }
  return readFile(path);
}

/** Paths of both halves when `path` names one of a pair; the half with the same ending first. */
function pairOf(path: string): { header: string; image: string } | undefined {
  const match = /^(.*\.)(hdr|img)(\.gz)?$/i.exec(path);
  if (!match) return undefined;
  const [, stem, half, gz = ''] = match as unknown as [string, string, string, string?];
  const upper = half === half.toUpperCase();
  const isHeader = half.toLowerCase() === 'hdr';
  const other = upper ? (isHeader ? 'IMG' : 'HDR') : isHeader ? 'img' : 'hdr';
  const candidates = [`${stem}${other}${gz}`, `${stem}${other}${gz ? '' : '.gz'}`];
  const partner = candidates.find((candidate) => existsSync(candidate));
  if (partner === undefined) {
    throw new FormatError(
      `readNiftiFile: missing .${other} of a .hdr/.img pair. Looked for ${candidates.join(' and ')}. Put both halves into one folder.`,
    );
  }
  return isHeader ? { header: path, image: partner } : { header: partner, image: path };
}
