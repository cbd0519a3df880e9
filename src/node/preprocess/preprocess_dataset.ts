/** A task folder whose scans need no more preprocessing before patches are cut. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, FormatError } from '../../errors.ts';
import type { AppliedPreprocessing } from '../../io/applied_preprocessing.ts';
import type { DatasetJson } from '../../io/dataset_json.ts';
import { type Preprocessing, preprocessingOf } from '../../patch/preprocessing.ts';
import type { RunSettings } from '../../train/run_config.ts';
import { readGrids, type SubjectFiles } from '../dataset_folder.ts';
import { subjectBytes } from '../load_subject.ts';
import { planRun } from '../run_plan.ts';
import { makeFolder, writeJsonFile } from '../whole_file.ts';
import { mapInWorkers } from '../worker_map.ts';
import { workerEntry } from '../worker_thread.ts';
import {
  isUpToDate,
  type Manifest,
  readManifest,
  removeManifest,
  sourceOf,
  writeManifest,
} from './manifest.ts';
import {
  type PreprocessResult,
  type PreprocessTask,
  preprocessSubject,
} from './preprocess_subject.ts';

export interface PreprocessDatasetOptions {
  /** The task folder of the scans. */
  readonly data: string;
  /** The folder to write. */
  readonly out: string;
  /** As of a training: spacing, reordering and normalisation count, and which subjects are left out. */
  readonly settings: RunSettings;
  /** As of a training: spacing is planned from the subjects that training will see. */
  readonly splitFile?: string | undefined;
  /** Threads; 1: this one. Default: one per core, at most 8, and as many as half of the memory allows. */
  readonly workers?: number | undefined;
  /** Begin again, whatever is in `out`. */
  readonly overwrite?: boolean | undefined;
  readonly onProgress?: ((done: number, total: number, name: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreprocessedDataset {
  readonly out: string;
  readonly preprocessing: AppliedPreprocessing;
  /** Subjects in it. */
  readonly subjects: number;
  /** Of these, those that were there already. */
  readonly kept: number;
}

const MOST_WORKERS = 8;

/**
 * Writes labelled scans reordered, resampled and normalised, as float32, and their label maps as
 * nearest neighbours; `dataset.json`, which comes last, says what was done. A training on the result
 * takes the same patches, bit for bit, as one on the scans. Test images are left out: prediction
 * takes scans as they are. Results of an interrupted call are kept.
 *
 * @throws FormatError for scans that cannot be preprocessed, once all others are done
 * @throws ConfigError for settings that contradict each other, and for an `out` that holds something else
 * @throws the signal's reason; what is done stays
 * @see fastMONAI PatchConfig.preprocessed
 */
export async function preprocessDataset(
  options: PreprocessDatasetOptions,
): Promise<PreprocessedDataset> {
  const { data, out, settings, splitFile, overwrite = false } = options;
  const { dataset, subjects, run } = await planRun(data, settings, splitFile);
  refuseFolders(data, out, dataset.json);
  const { applyReorder, targetSpacing, transforms } = preprocessingOf(run.patch);
  const { grids } = await readGrids([...subjects.values()], applyReorder);
  const applied = {
    applyReorder,
    targetSpacing,
    transforms,
    grids: Object.fromEntries(grids.map(({ name, size, spacing }) => [name, { size, spacing }])),
  };
  const manifest = await openManifest(out, { applyReorder, targetSpacing, transforms }, overwrite);
  const preprocessing: Preprocessing = {
    ...{ applyReorder, targetSpacing, transforms },
    minimumSize: null,
    paddingMode: 0,
  };
  const tasks = [...subjects.values()].map(
    (files): PreprocessTask => ({ files, out: resultsOf(out, files), preprocessing }),
  );
  const due = await tasksDue(tasks, manifest);
  if (due.length > 0) {
    await rm(join(out, 'dataset.json'), { force: true });
    await work(due, tasks.length, manifest, options);
  }
  await writeJsonFile(join(out, 'dataset.json'), describe(dataset.json, tasks, applied));
  return { out, preprocessing: applied, subjects: tasks.length, kept: tasks.length - due.length };
}

const resultsOf = (out: string, { name }: SubjectFiles) => ({
  image: join(out, 'imagesTr', `${name}.nii.gz`),
  label: join(out, 'labelsTr', `${name}.nii.gz`),
});

function refuseFolders(data: string, out: string, json: DatasetJson): void {
  if (resolve(data) === resolve(out)) {
    throw new ConfigError(
      `preprocessDataset: the results would replace the scans. Got ${resolve(out)} for both. Choose another folder for the results.`,
    );
  }
  if (json.preprocessing) {
    throw new ConfigError(
      `preprocessDataset: the data set has been preprocessed before. ${join(data, 'dataset.json')} says so. Pass the folder of the scans.`,
    );
  }
}

/** What of `out` can be kept. */
async function openManifest(
  out: string,
  preprocessing: Omit<AppliedPreprocessing, 'grids'>,
  overwrite: boolean,
): Promise<Manifest> {
  const fresh: Manifest = { version: 1, preprocessing, subjects: {} };
  const found = overwrite ? undefined : await readManifest(out);
  if (found && !isDeepStrictEqual(found.preprocessing, toJson(preprocessing))) {
    throw new ConfigError(
      `preprocessDataset: the folder holds scans that were preprocessed otherwise. ${out} has ${JSON.stringify(found.preprocessing)}, wanted is ${JSON.stringify(preprocessing)}. Choose another folder, or overwrite it.`,
    );
  }
  if (found) return found;
  if (!overwrite && existsSync(join(out, 'dataset.json'))) {
    throw new ConfigError(
      `preprocessDataset: the folder holds another data set. ${join(out, 'dataset.json')} is there. Choose another folder, or overwrite it.`,
    );
  }
  await removeManifest(out);
  return fresh;
}

const toJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function tasksDue(
  tasks: readonly PreprocessTask[],
  { subjects }: Manifest,
): Promise<PreprocessTask[]> {
  const due: PreprocessTask[] = [];
  for (const task of tasks) {
    const source = await sourceOf(task.files);
    if (!(await isUpToDate(subjects[task.files.name], source, task.out))) due.push(task);
  }
  return due;
}

/** Threads that all fit into half of the memory with the largest subject. */
async function threadsFor(tasks: readonly PreprocessTask[], wanted?: number): Promise<number> {
  if (wanted !== undefined) return wanted;
  let most = 0;
  for (const { files, preprocessing } of tasks) {
    const task = { files, preprocessing, ensureAffineConsistency: true };
    const { loaded, loading } = await subjectBytes(task);
    // The file's bytes, in its order and compressed.
    most = Math.max(most, loading + 3 * loaded);
  }
  const fitting = Math.max(1, Math.floor(totalmem() / 2 / most));
  return Math.min(availableParallelism(), MOST_WORKERS, fitting);
}

async function work(
  due: readonly PreprocessTask[],
  total: number,
  manifest: Manifest,
  { out, workers, onProgress, signal }: PreprocessDatasetOptions,
): Promise<void> {
  const failures: string[] = [];
  let done = total - due.length;
  await makeFolder(out);
  // The folder is known as this work's own before anything is in it.
  let saved = writeManifest(out, manifest);
  const record = async (name: string, entry: Manifest['subjects'][string]): Promise<void> => {
    manifest.subjects[name] = entry;
    await writeManifest(out, manifest);
  };
  const sources = new Map(
    await Promise.all(due.map(async ({ files }) => [files.name, await sourceOf(files)] as const)),
  );
  const onResult = (result: PreprocessResult, { files: { name } }: PreprocessTask): void => {
    if ('error' in result) failures.push(`'${name}': ${result.error}`);
    else {
      const entry = { source: sources.get(name)!, written: result };
      saved = saved.then(() => record(name, entry));
      // Thrown below, where it is waited for.
      saved.catch(() => {});
    }
    onProgress?.(++done, total, name);
  };
  onProgress?.(done, total, '');
  try {
    await preprocessAll(due, await threadsFor(due, workers), onResult, signal);
  } finally {
    await saved;
  }
  if (failures.length === 0) return;
  const more = failures.length > 3 ? `; and ${failures.length - 3} more` : '';
  throw new FormatError(
    `preprocessDataset: ${failures.length} of ${total} subjects cannot be preprocessed. ${failures.slice(0, 3).join('; ')}${more}. Correct them or leave them out with --exclude, and run again: the others are kept.`,
  );
}

async function preprocessAll(
  tasks: readonly PreprocessTask[],
  workers: number,
  onResult: (result: PreprocessResult, task: PreprocessTask) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (workers > 1) {
    const entry = workerEntry('preprocess_subject_worker', import.meta.url);
    const onCrash = (_: PreprocessTask, { message }: Error): PreprocessResult => ({
      error: `the thread died: ${message}`,
    });
    await mapInWorkers(entry, tasks, { workers, signal, onResult, onCrash });
    return;
  }
  for (const task of tasks) {
    signal?.throwIfAborted();
    onResult(await preprocessSubject(task), task);
  }
}

function describe(
  json: DatasetJson,
  tasks: readonly PreprocessTask[],
  preprocessing: AppliedPreprocessing,
) {
  const { modality, labels, training: _, test: __, ...facts } = json;
  return {
    ...facts,
    modality: Object.fromEntries(modality.map((name, index) => [index, name])),
    labels: Object.fromEntries(labels),
    numTraining: tasks.length,
    numTest: 0,
    training: tasks.map(({ files: { name } }) => ({
      image: `./imagesTr/${name}.nii.gz`,
      label: `./labelsTr/${name}.nii.gz`,
    })),
    test: [],
    preprocessing,
  };
}
