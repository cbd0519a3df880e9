/** A Decathlon task folder: its subjects, what their headers say, and reading them one by one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, FormatError } from '../errors.ts';
import { type DatasetJson, parseDatasetJson } from '../io/dataset_json.ts';
import type { Volume } from '../io/volume.ts';
import type { Subject } from '../patch/subject.ts';
import { type DatasetGrids, datasetGrids, type SubjectHeaders } from '../train/dataset_grids.ts';
import { readNiftiFile, readNiftiHeaderFile } from './nifti_file.ts';
import { caseName } from './nifti_names.ts';

/** One labelled subject on disk. */
export interface SubjectFiles {
  /** The image's file name without .nii.gz. */
  readonly name: string;
  readonly image: string;
  readonly label: string;
}

export interface DatasetFolder {
  readonly root: string;
  readonly json: DatasetJson;
  /** The labelled subjects, in the order of dataset.json. */
  readonly subjects: readonly SubjectFiles[];
}

/**
 * The subjects of a task folder; their files are not opened.
 *
 * @throws FormatError without a legal dataset.json, without subjects, or for two of one name
 */
export async function readDatasetFolder(root: string): Promise<DatasetFolder> {
  const path = join(root, 'dataset.json');
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new FormatError(
      `readDatasetFolder: no Decathlon task folder. ${error.message}. Pass the folder that holds dataset.json, imagesTr and labelsTr.`,
      { cause: error },
    );
  });
  const json = parseDatasetJson(text);
  const subjects = json.training.map(({ image, label }) => ({
    name: caseName(image),
    image: join(root, image),
    label: join(root, label),
  }));
  if (subjects.length === 0) {
    throw new FormatError(
      `readDatasetFolder: no labelled subjects. 'training' of ${path} is empty. List images with their labels there.`,
    );
  }
  const names = new Set<string>();
  for (const { name } of subjects) {
    if (names.has(name)) {
      throw new FormatError(
        `readDatasetFolder: two subjects have one name. Got '${name}' twice in ${path}. Rename one of the images.`,
      );
    }
    names.add(name);
  }
  return { root, json, subjects };
}

/**
 * Grids of all images, from their headers alone.
 *
 * @param applyReorder report axes as they are after reordering to RAS+
 * @throws FormatError for an unreadable file, an image and label map that differ in size, or images
 *   with different numbers of channels
 */
export function readGrids(
  subjects: readonly SubjectFiles[],
  applyReorder: boolean,
): Promise<DatasetGrids> {
  return datasetGrids(headersOf(subjects), applyReorder);
}

async function* headersOf(subjects: readonly SubjectFiles[]): AsyncGenerator<SubjectHeaders> {
  for (const { name, image, label } of subjects) {
    yield {
      name,
      image: await readNiftiHeaderFile(image),
      label: await readNiftiHeaderFile(label),
    };
  }
}

export interface LabelRule {
  /** All labels above 0 become 1. */
  readonly binary: boolean;
  /** Labels must be below this. */
  readonly classes: number;
}

function applyRule(label: Volume, { binary, classes }: LabelRule, path: string): Volume {
  if (binary) {
    if (!label.data.some(Number.isNaN)) {
      return { ...label, data: label.data.map((value) => (value > 0 ? 1 : 0)) };
    }
    throw new FormatError(`${path}: readSubject: a label is no number. Got NaN. Correct the file.`);
  }
  const stranger = label.data.find(
    (value) => !(Number.isInteger(value) && value >= 0 && value < classes),
  );
  if (stranger === undefined) return label;
  throw new FormatError(
    `${path}: readSubject: a label that dataset.json does not name. Got ${stranger}, the last class is ${classes - 1}. Add it to 'labels', or merge all labels with --binary.`,
  );
}

/**
 * Image and label map of a subject, on the file's own grid. Throws FormatError with the path.
 *
 * @param rule without it labels stay as they are in the file
 */
export async function readSubject(files: SubjectFiles, rule?: LabelRule): Promise<Subject> {
  const { data, shape, affine } = await readNiftiFile(files.image);
  const file = await readNiftiFile(files.label);
  const label = { data: file.data, shape: file.shape, affine: file.affine };
  return {
    name: files.name,
    image: { data, shape, affine },
    label: rule ? applyRule(label, rule, files.label) : label,
  };
}

/**
 * Class names by label value; two classes for a binary run.
 *
 * @throws ConfigError where a value is left out, as a network has a channel for each up to the last
 */
export function classNamesOf({ labels }: DatasetJson, binary: boolean): string[] {
  const named = [...labels].filter(([value]) => value > 0);
  const background = labels.get(0) ?? 'background';
  if (binary) return [background, named.length === 1 ? named[0]![1] : 'foreground'];
  const last = Math.max(1, ...named.map(([value]) => value));
  if (named.length > 0 && named.length < last) {
    throw new ConfigError(
      `classNamesOf: label values must count up from 1 without gaps. 'labels' of dataset.json has ${named.map(([value]) => value).join(', ')}. Renumber them there and in the label maps, or merge all labels with --binary.`,
    );
  }
  return Array.from({ length: last + 1 }, (_, value) =>
    value === 0 ? background : labels.get(value) || `label ${value}`,
  );
}
