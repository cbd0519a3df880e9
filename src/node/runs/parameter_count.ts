import { type FileHandle, open } from 'node:fs/promises';

/** No network of this project has a longer one. */
const MAX_HEADER_BYTES = 10_000_000;

async function header(file: FileHandle): Promise<unknown> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
  const length = Number(buffer.readBigUInt64LE());
  if (bytesRead < 8 || length > MAX_HEADER_BYTES) return undefined;
  const text = await file.read(Buffer.alloc(length), 0, length, 8);
  return JSON.parse(text.buffer.toString('utf8', 0, text.bytesRead));
}

/**
 * Elements of all tensors of a safetensors file, from its header alone; undefined where there is no
 * such file.
 */
export async function parameterCount(path: string): Promise<number | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const entries = Object.entries((await header(file)) as Record<string, { shape?: number[] }>);
    return entries
      .filter(([name]) => name !== '__metadata__')
      .reduce((sum, [, { shape = [] }]) => sum + shape.reduce((a, b) => a * b, 1), 0);
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
