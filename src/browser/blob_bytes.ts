import { FormatError } from '../errors.ts';

/** A Blob that is a File has a name. */
const nameOf = (file: Blob): string => (file as Partial<File>).name ?? 'the file';

/**
 * Bytes of a file that somebody chose or dropped.
 *
 * @throws FormatError if the browser cannot read it, as when it was changed or moved since
 */
export async function blobBytes(file: Blob | Uint8Array): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new FormatError(
      `blobBytes: ${nameOf(file)} cannot be read. ${(error as Error).message}. Choose it again: it may have been changed or moved meanwhile.`,
      { cause: error },
    );
  }
}
