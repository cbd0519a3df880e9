/** What has been preprocessed so far, so that interrupted work goes on. */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { writeJsonFile } from '../whole_file.ts';

const fileSchema = z.object({ bytes: z.number(), modified: z.number() });

const schema = z.object({
  /** Of this file's form, and of what preprocessing does to the same scan. */
  version: z.literal(1),
  preprocessing: z.unknown(),
  subjects: z.record(
    z.string(),
    z.object({
      source: z.object({ image: fileSchema, label: fileSchema }),
      written: z.object({ image: z.number(), label: z.number() }),
    }),
  ),
});

export type Manifest = z.output<typeof schema>;
export type ManifestEntry = Manifest['subjects'][string];

interface FilePair {
  readonly image: string;
  readonly label: string;
}

const manifestFile = (folder: string): string => join(folder, '.preprocessing.json');

/** undefined where there is none, or one of another version. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(manifestFile(folder), 'utf8').catch(() => '');
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeJsonFile(manifestFile(folder), manifest);
}

export async function removeManifest(folder: string): Promise<void> {
  await rm(manifestFile(folder), { force: true });
}

/** What tells whether scans have changed since. Throws for files that are not there. */
export async function sourceOf({ image, label }: FilePair): Promise<ManifestEntry['source']> {
  const facts = async (path: string) => {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, modified: mtimeMs };
  };
  return { image: await facts(image), label: await facts(label) };
}

/** Whether results are there, whole, and of the scans as they are now. */
export async function isUpToDate(
  entry: ManifestEntry | undefined,
  source: ManifestEntry['source'],
  out: FilePair,
): Promise<boolean> {
  if (!entry || !isDeepStrictEqual(entry.source, source)) return false;
  const bytes = async (path: string): Promise<number> =>
    stat(path).then(
      ({ size }) => size,
      () => -1,
    );
  const { image, label } = entry.written;
  return (await bytes(out.image)) === image && (await bytes(out.label)) === label;
}
