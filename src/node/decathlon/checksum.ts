import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface ChecksumOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes read, and bytes in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** md5 of a file in hexadecimal, whatever its size in the same memory. */
export async function md5OfFile(
  path: string,
  { signal, onProgress }: ChecksumOptions = {},
): Promise<string> {
  const { size } = await stat(path);
  const hash = createHash('md5');
  let done = 0;
  for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20, signal })) {
    hash.update(bytes as Buffer);
    done += (bytes as Buffer).length;
    onProgress?.(done, size);
  }
  return hash.digest('hex');
}
