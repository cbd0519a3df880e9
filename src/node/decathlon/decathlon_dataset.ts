/** `DecathlonDataset`: the records of a section of a task, downloaded if need be. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '../../errors.ts';
import { parseDatasetJson } from '../../io/dataset_json.ts';
import { decathlonSplit } from '../../train/split.ts';
import { caseName } from '../nifti_names.ts';
import { type FetchOptions, fetchTask } from './fetch_task.ts';
import { decathlonTask } from './tasks.ts';

export type DecathlonSection = 'training' | 'validation' | 'test';

/** A scan without labels. */
export interface DecathlonImage {
  /** The image's file name without .nii.gz. */
  readonly name: string;
  /** Absolute path. */
  readonly image: string;
}

export interface DecathlonRecord extends DecathlonImage {
  /** Absolute path of the label map. */
  readonly label: string;
}

export interface DecathlonDatasetOptions extends FetchOptions {
  /** The folder in which `Task02_Heart` stands, or will stand. */
  readonly root: string;
  /** `Task02_Heart`, or what `decathlonTask` understands. */
  readonly task: string;
  /** 'training' and 'validation' are disjoint parts of the labelled scans. */
  readonly section: DecathlonSection;
  /** Fetch the task if it is not there. Default false. */
  readonly download?: boolean | undefined;
  /** Share of the labelled scans in 'validation', rounded down. Default 0.2. */
  readonly valFrac?: number | undefined;
  /** Of the shuffle before that. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Images of a section with their label maps, in MONAI's order: labelled scans are shuffled, the first
 * `valFrac` of them validate. Section 'test' has no labels, and the order of dataset.json.
 *
 * @throws ConfigError for an unknown task or section, and for a task that is not there without
 *   `download`; FormatError for its dataset.json; what `fetchTask` throws
 * @see MONAI DecathlonDataset, with cache_num 0
 */
export async function decathlonDataset(
  options: DecathlonDatasetOptions & { readonly section: 'training' | 'validation' },
): Promise<DecathlonRecord[]>;
export async function decathlonDataset(
  options: DecathlonDatasetOptions & { readonly section: 'test' },
): Promise<DecathlonImage[]>;
export async function decathlonDataset(
  options: DecathlonDatasetOptions,
): Promise<DecathlonImage[] | DecathlonRecord[]>;
export async function decathlonDataset(
  options: DecathlonDatasetOptions,
): Promise<DecathlonImage[] | DecathlonRecord[]> {
  const { root, section, download = false, valFrac = 0.2, seed = 0, ...fetching } = options;
  const task = decathlonTask(options.task);
  if (section !== 'training' && section !== 'validation' && section !== 'test') {
    throw new ConfigError(
      `decathlonDataset: no such section. Got '${String(section)}'. Pass 'training', 'validation' or 'test'.`,
    );
  }
  if (download) await fetchTask(task, root, fetching);
  const folder = resolve(root, task.name);
  const file = join(folder, 'dataset.json');
  if (!existsSync(file)) {
    throw new ConfigError(
      `decathlonDataset: the task is not there. Got no ${file}. Pass download: true, or the folder that holds ${task.name} as root.`,
    );
  }
  const { training, test } = parseDatasetJson(await readFile(file, 'utf8'));
  const absolute = (path: string): string => join(folder, path);
  if (section === 'test') {
    return test.map((image) => ({ name: caseName(image), image: absolute(image) }));
  }
  const indices = decathlonSplit(training.length, { valFrac, seed })[section];
  return indices.map((index) => {
    const { image, label } = training[index]!;
    return { name: caseName(image), image: absolute(image), label: absolute(label) };
  });
}
