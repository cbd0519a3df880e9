/** `dataset.json` of a Medical Segmentation Decathlon task folder. Source: medicaldecathlon.com. */
import * as z from 'zod';
import { FormatError } from '../errors.ts';
import { type AppliedPreprocessing, appliedPreprocessingSchema } from './applied_preprocessing.ts';

export interface DatasetCase {
  /** Relative to the folder of dataset.json, with forward slashes and no `./`. */
  readonly image: string;
  readonly label: string;
}

export interface DatasetJson {
  readonly name: string;
  readonly description: string;
  readonly reference: string;
  readonly licence: string;
  readonly release: string;
  readonly tensorImageSize: string;
  /** Names of the image channels, in order. */
  readonly modality: readonly string[];
  /** Class names by label value; 0 is the background. */
  readonly labels: ReadonlyMap<number, string>;
  readonly training: readonly DatasetCase[];
  /** Images without labels. */
  readonly test: readonly string[];
  /** Of a data set that `voxgrad preprocess` wrote. */
  readonly preprocessing?: AppliedPreprocessing;
}

const text = z.union([z.string(), z.number().transform(String)]).default('');
const byIndex = z.record(z.string().regex(/^\d+$/, 'keys must be whole numbers'), z.string());

const path = z.string().transform((written, context) => {
  const segments = written.replaceAll('\\', '/').split('/');
  const kept = segments.filter((segment) => segment !== '' && segment !== '.');
  const absolute = segments[0] === '' || /^[a-z][a-z0-9+.-]*:/i.test(written);
  if (absolute || kept.length === 0 || kept.includes('..') || written.includes('\0')) {
    context.addIssue({
      code: 'custom',
      message: `path '${written}' is not inside the dataset folder`,
    });
    return z.NEVER;
  }
  return kept.join('/');
});

const schema = z.object({
  name: text,
  description: text,
  reference: text,
  licence: text,
  license: text,
  release: text,
  relase: text,
  tensorImageSize: text,
  modality: byIndex.default({ 0: 'unknown' }),
  labels: byIndex,
  training: z.array(z.object({ image: path, label: path })),
  test: z
    .array(z.union([path, z.object({ image: path }).transform(({ image }) => image)]))
    .default([]),
  preprocessing: appliedPreprocessingSchema.optional(),
});

/**
 * Checked contents of a dataset.json. The Decathlon's own files spell `release` as `relase`: both
 * are read. `._*` entries, which macOS archives add, are left out; the counts numTraining and
 * numTest are not believed. Throws FormatError with every problem and its place, also for paths
 * that are absolute or leave the folder.
 */
export function parseDatasetJson(json: string): DatasetJson {
  let contents: unknown;
  try {
    contents = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new FormatError(
      `parseDatasetJson: not JSON. ${(error as Error).message}. Pass the dataset.json of a Decathlon task.`,
      { cause: error },
    );
  }
  const parsed = schema.safeParse(contents);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new FormatError(
      `parseDatasetJson: not a Decathlon dataset.json. ${problems.join('; ')}. Correct the file.`,
    );
  }
  const { license, relase, modality, labels, training, test, preprocessing, ...facts } =
    parsed.data;
  const cases = training.filter(
    ({ image, label }) => !isResourceFork(image) && !isResourceFork(label),
  );
  checkUnique(cases);
  return {
    ...facts,
    licence: facts.licence || license,
    release: facts.release || relase,
    modality: sortedByIndex(modality).map(([, name]) => name),
    labels: new Map(sortedByIndex(labels)),
    training: cases,
    test: test.filter((image) => !isResourceFork(image)),
    ...(preprocessing ? { preprocessing } : {}),
  };
}

function isResourceFork(file: string): boolean {
  return file.split('/').some((segment) => segment.startsWith('._'));
}

function sortedByIndex(record: Record<string, string>): [number, string][] {
  return Object.entries(record)
    .map(([index, name]): [number, string] => [Number(index), name])
    .sort((a, b) => a[0] - b[0]);
}

function checkUnique(cases: readonly DatasetCase[]): void {
  const seen = new Set<string>();
  for (const { image } of cases) {
    if (seen.has(image)) {
      throw new FormatError(
        `parseDatasetJson: a training image is listed twice. '${image}'. Remove one of the entries.`,
      );
    }
    seen.add(image);
  }
}
