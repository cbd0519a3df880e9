/** Several files as one archive, without holding the page up. */
import { Zip, ZipPassThrough } from 'fflate';

export interface FileToZip {
  readonly name: string;
  readonly blob: Blob;
}

/** Bytes whose checksum takes a few milliseconds. */
const CHUNK = 1 << 19;

/** Stores files as they are: segmentations are compressed already. */
export async function zipFiles(files: readonly FileToZip[]): Promise<Blob> {
  const parts: BlobPart[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else parts.push(chunk.slice());
  });
  for (const { name, blob } of files) {
    const entry = new ZipPassThrough(name);
    // The same files give the same archive; the format knows no earlier day.
    entry.mtime = new Date(1980, 0, 1);
    zip.add(entry);
    for (let at = 0; at < blob.size; at += CHUNK) {
      // Reading a part of a blob lets the page draw in between.
      const bytes = new Uint8Array(await blob.slice(at, at + CHUNK).arrayBuffer());
      entry.push(bytes);
    }
    entry.push(new Uint8Array(), true);
  }
  zip.end();
  if (failure) throw failure;
  return new Blob(parts, { type: 'application/zip' });
}
