/** What the files of a training say before it starts, and reading them one by one. */
import { ConfigError, FormatError } from '../errors.ts';
import { type NiftiHeader, readNifti, readNiftiHeader } from '../io/nifti.ts';
import type { Volume } from '../io/volume.ts';
import type { Subject } from '../patch/subject.ts';
import type { ImageGrid } from '../train/dataset_analysis.ts';
import { datasetGrids, type SubjectHeaders } from '../train/dataset_grids.ts';
import { blobBytes } from './blob_bytes.ts';
import { type LabelClasses, labelValues, toClasses } from './label_values.ts';

/** An image and its label map, as they are in their files. */
export interface TrainingCase {
  /** Unique; the image's file name without .nii.gz. */
  readonly name: string;
  readonly image: Blob;
  readonly label: Blob;
}

/** Facts about all cases, small enough to be sent around. */
export interface TrainingData {
  /** In the order of the cases; axes as after reordering to RAS+. */
  readonly grids: readonly ImageGrid[];
  /** Channels of the images. */
  readonly channels: number;
  /** Label values ascending, with the voxels of each and the cases that have it. */
  readonly labels: readonly {
    readonly value: number;
    readonly voxels: number;
    readonly cases: number;
  }[];
  /** What is legal but probably not meant, as sentences. */
  readonly warnings: readonly string[];
}

/** Compressed or not, more than any header needs: deflate may store 64 KiB in one block. */
const HEAD_BYTES = 1 << 18;

async function withName<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${name}: ${error.message}`, { cause: error });
  }
}

function headerOf(name: string, file: Blob): Promise<NiftiHeader> {
  return withName(name, async () => readNiftiHeader(await blobBytes(file.slice(0, HEAD_BYTES))));
}

function volumeOf(name: string, file: Blob): Promise<Volume> {
  return withName(name, async () => {
    const { data, shape, affine } = readNifti(await blobBytes(file));
    return { data, shape, affine };
  });
}

/**
 * Reads the headers of all images and the voxels of all label maps.
 *
 * @param onProgress with cases read and cases in all
 * @throws ConfigError without cases, and for two of one name
 * @throws FormatError with the case's name for files that cannot be used, do not fit together, or
 *   hold no label at all
 */
export async function inspectTraining(
  cases: readonly TrainingCase[],
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<TrainingData> {
  checkNames(cases);
  const counts = new Map<number, { voxels: number; cases: number }>();
  async function* headers(): AsyncGenerator<SubjectHeaders> {
    for (const [done, { name, image, label }] of cases.entries()) {
      options.signal?.throwIfAborted();
      options.onProgress?.(done, cases.length);
      const labelName = `label map of ${name}`;
      yield { name, image: await headerOf(name, image), label: await headerOf(labelName, label) };
      const found = await volumeOf(labelName, label);
      for (const [value, voxels] of labelValues(found, labelName)) {
        const before = counts.get(value) ?? { voxels: 0, cases: 0 };
        counts.set(value, { voxels: before.voxels + voxels, cases: before.cases + 1 });
      }
    }
  }
  const { grids, displaced, channels } = await datasetGrids(headers(), true);
  options.onProgress?.(cases.length, cases.length);
  counts.delete(0);
  if (counts.size === 0) {
    throw new FormatError(
      `inspectTraining: the label maps are empty. Got only zeros in ${cases.length} of them. Choose label maps that mark something.`,
    );
  }
  const labels = [...counts]
    .sort((a, b) => a[0] - b[0])
    .map(([value, count]) => ({ value, ...count }));
  return { grids, channels, labels, warnings: warningsOf(cases.length, displaced, labels) };
}

/** Image and label map of a case, labels as classes. @throws FormatError with the case's name */
export async function readTrainingCase(
  { name, image, label }: TrainingCase,
  classes: LabelClasses,
): Promise<Subject> {
  const labelName = `label map of ${name}`;
  const mask = toClasses(await volumeOf(labelName, label), classes, labelName);
  return { name, image: await volumeOf(name, image), label: mask };
}

function checkNames(cases: readonly TrainingCase[]): void {
  if (cases.length === 0) {
    throw new ConfigError(
      'inspectTraining: there is nothing to train on. Got no image with a label map. Choose both, with the same names.',
    );
  }
  const names = cases.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new ConfigError(
    `inspectTraining: two images have one name. Got '${twice}' twice. Rename one of them.`,
  );
}

function warningsOf(
  count: number,
  displaced: readonly string[],
  labels: TrainingData['labels'],
): string[] {
  const warnings: string[] = [];
  if (displaced.length > 0) {
    warnings.push(
      `Label map and image lie at different places in ${displaced.length} of ${count} cases, the first is ${displaced[0]}; voxels are paired by index.`,
    );
  }
  const values = labels.map(({ value }) => value);
  if (values.some((value, index) => value !== index + 1)) {
    warnings.push(
      `Label values have gaps: ${values.join(', ')} become the classes ${values.map((_, index) => index + 1).join(', ')}.`,
    );
  }
  return warnings;
}
