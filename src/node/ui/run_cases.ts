/** The subjects of a run and the files of their image, label map and prediction. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../../errors.ts';
import { parseDatasetJson } from '../../io/dataset_json.ts';
import { SPLIT_SECTIONS, type SplitSection } from '../../train/subject_split.ts';
import { caseName, niftiFiles } from '../nifti_names.ts';
import { readSplitFile, runFolder } from '../run_folder.ts';
import { readEvaluation, type StoredEvaluation } from '../runs/stored_evaluation.ts';
import type { RunFiles } from '../runs/summarize_run.ts';

export interface CaseFolders {
  /** Data set of all runs; without it each run's own. */
  readonly data?: string;
  /** Predictions for runs that hold none. */
  readonly predictions?: string;
}

/** A subject with the paths of its volumes. */
export interface CaseFiles {
  readonly name: string;
  readonly section: SplitSection | null;
  readonly dsc: number | null;
  readonly image?: string;
  readonly label?: string;
  readonly prediction?: string;
}

export interface RunCases {
  /** The worst first; those without a Dice after them, predicted ones first. */
  readonly cases: readonly CaseFiles[];
  readonly evaluation: StoredEvaluation | undefined;
  /** By label value, as the data set has them. */
  readonly classNames: readonly string[];
  /** Where the files may lie. */
  readonly folders: readonly string[];
  /** Why something is missing. */
  readonly notes: readonly string[];
}

type Files = Map<string, string>;

const SUFFIX = '_pred';

/** Files of a folder by case; none where there is no such folder. */
const filesIn = (folder: string): Promise<Files> => niftiFiles(folder).catch(() => new Map());

interface DataFiles {
  readonly images: Files;
  readonly labels: Files;
  readonly classNames: readonly string[];
}

/** A Decathlon task folder, its test images with labels too where somebody has them. */
async function dataFiles(data: string): Promise<DataFiles> {
  const merged = async (...folders: string[]): Promise<Files> =>
    new Map(
      (await Promise.all(folders.map((name) => filesIn(join(data, name))))).flatMap((m) => [...m]),
    );
  const images = await merged('imagesTs', 'imagesTr');
  const labels = await merged('labelsTs', 'labelsTr');
  const text = await readFile(join(data, 'dataset.json'), 'utf8').catch(() => undefined);
  if (text === undefined) {
    if (images.size > 0) return { images, labels, classNames: [] };
    const loose = await niftiFiles(data);
    if (loose.size > 0) return { images: loose, labels, classNames: [] };
    throw new FormatError(
      `dataFiles: no images. ${data} holds neither imagesTr nor NIfTI files. Pass a task folder.`,
    );
  }
  const json = parseDatasetJson(text);
  for (const { image, label } of json.training) {
    images.set(caseName(image), join(data, image));
    labels.set(caseName(image), join(data, label));
  }
  for (const image of json.test) images.set(caseName(image), join(data, image));
  const last = Math.max(0, ...json.labels.keys());
  const classNames = Array.from({ length: last + 1 }, (_, value) => json.labels.get(value) ?? '');
  return { images, labels, classNames };
}

async function predictionFiles(folders: readonly string[]): Promise<Files> {
  for (const folder of folders) {
    const found: Files = new Map();
    for (const [name, path] of await filesIn(folder)) {
      if (name.endsWith(SUFFIX)) found.set(name.slice(0, -SUFFIX.length), path);
    }
    if (found.size > 0) return found;
  }
  return new Map();
}

async function sectionsOf(path: string): Promise<Map<string, SplitSection>> {
  const split = await readSplitFile(path);
  return new Map(
    SPLIT_SECTIONS.flatMap((section) => split[section].map((name) => [name, section] as const)),
  );
}

function worstFirst(a: CaseFiles, b: CaseFiles): number {
  const rank = ({ dsc, prediction }: CaseFiles): number =>
    dsc ?? (prediction === undefined ? 3 : 2);
  return rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true });
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Looks the files up; what cannot be found or read is a note. */
export async function runCases(
  root: string,
  { status, evaluation: stored }: Pick<RunFiles, 'status' | 'evaluation'>,
  { data = status?.data, predictions: given }: CaseFolders = {},
): Promise<RunCases> {
  const notes: string[] = [];
  const noted = async <T>(work: Promise<T>, otherwise: T): Promise<T> =>
    work.catch((error: unknown) => {
      notes.push(messageOf(error));
      return otherwise;
    });
  if (data === undefined) {
    notes.push('This run has not recorded its data set: pass it with voxgrad ui --data.');
  }
  const none: DataFiles = { images: new Map(), labels: new Map(), classNames: [] };
  const { images, labels, classNames } =
    data === undefined ? none : await noted(dataFiles(data), none);
  const predictionFolders = [join(root, 'predictions'), ...(given === undefined ? [] : [given])];
  const predictions = await predictionFiles(predictionFolders);
  const evaluation =
    stored ??
    (await noted(
      readEvaluation(given === undefined ? [] : [join(given, 'metrics.json')]),
      undefined,
    ));
  if (predictions.size === 0) {
    notes.push(
      `There are no predictions: voxgrad predict --out ${join(root, 'predictions')}, or pass their folder with voxgrad ui --predictions.`,
    );
  }
  const sections = await noted(sectionsOf(runFolder(root).split), new Map());
  const dice = new Map(evaluation?.cases.map(({ name, dsc }) => [name, dsc]));
  const names = new Set([...images.keys(), ...predictions.keys()]);
  const cases = [...names].map((name): CaseFiles => {
    const [image, label, prediction] = [images, labels, predictions].map((m) => m.get(name));
    return {
      name,
      section: sections.get(name) ?? null,
      dsc: dice.get(name) ?? null,
      ...(image === undefined ? {} : { image }),
      ...(label === undefined ? {} : { label }),
      ...(prediction === undefined ? {} : { prediction }),
    };
  });
  return {
    cases: cases.sort(worstFirst),
    evaluation,
    classNames: status?.classNames ?? classNames,
    folders: [root, ...(data === undefined ? [] : [data]), ...predictionFolders],
    notes,
  };
}
