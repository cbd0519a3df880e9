/** What lies beside an evaluation's files: names of labels, scans, settings of the model. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { VoxgradError } from '../errors.ts';
import { type DatasetJson, parseDatasetJson } from '../io/dataset_json.ts';
import type { DecodedModel } from '../train/checkpoint.ts';
import { caseName, niftiFiles } from './nifti_names.ts';
import { readModelFile } from './predict_files.ts';

export interface EvaluationContextOptions {
  /** Folder of label maps. A dataset.json beside it names labels and scans. */
  readonly labels: string;
  /** Folder of scans, NAME.nii.gz; wins over dataset.json. */
  readonly images?: string | undefined;
  /** The model file that predicted; its names win over dataset.json's. */
  readonly model?: string | undefined;
  readonly onWarning?: (message: string) => void;
}

export interface EvaluationContext {
  /** By label value; without any where neither file is there. */
  readonly classNames?: ReadonlyMap<number, string>;
  /** Paths of scans by case name. */
  readonly images: ReadonlyMap<string, string>;
  /** Settings of the model, as names and values. */
  readonly facts: readonly (readonly [string, string])[];
}

async function datasetOf(
  folder: string,
  onWarning: EvaluationContextOptions['onWarning'],
): Promise<DatasetJson | undefined> {
  const path = join(folder, 'dataset.json');
  if (!existsSync(path)) return undefined;
  try {
    return parseDatasetJson(await readFile(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof VoxgradError)) throw error;
    onWarning?.(`${path} is left out. ${error.message}`);
    return undefined;
  }
}

/** Scans of the label maps in `labels`, by the label maps' names. */
function scansOf({ training }: DatasetJson, root: string, labels: string): Map<string, string> {
  const scans = new Map<string, string>();
  for (const { image, label } of training) {
    const path = join(root, image);
    if (dirname(join(root, label)) === labels && existsSync(path)) scans.set(caseName(label), path);
  }
  return scans;
}

const numbers = (values: readonly number[]): string =>
  values.map((value) => Math.round(value * 1e3) / 1e3).join(' × ');

function modelFacts(path: string, model: DecodedModel): [string, string][] {
  const { architecture, patchConfig: patch, classNames } = model;
  return [
    ['model', path],
    ['classes', classNames.map((name, value) => `${value} ${name}`).join(', ')],
    [
      'network',
      `${architecture.name}, channels ${architecture.channels.join(' ')}, strides ${architecture.strides.map((stride) => stride.join('×')).join(' ')}`,
    ],
    ['patch', `${numbers(patch.patchSize)} voxels, ${patch.aggregationMode} where they overlap`],
    ['spacing', patch.targetSpacing ? `${numbers(patch.targetSpacing)} mm` : "each image's own"],
  ];
}

/**
 * Names of labels, scans and settings for an evaluation's tables and report.
 *
 * @throws FormatError for a folder of scans or a model file that cannot be read; a broken dataset.json
 *   is only warned of
 */
export async function evaluationContext(
  options: EvaluationContextOptions,
): Promise<EvaluationContext> {
  const labels = resolve(options.labels);
  const root = dirname(labels);
  const dataset = await datasetOf(root, options.onWarning);
  const model = options.model === undefined ? undefined : await readModelFile(options.model);
  const named = model ? [...model.classNames.entries()] : dataset && [...dataset.labels];
  const scans = dataset ? scansOf(dataset, root, labels) : new Map<string, string>();
  return {
    ...(named ? { classNames: new Map(named.filter(([value]) => value > 0)) } : {}),
    images: options.images === undefined ? scans : await niftiFiles(options.images),
    facts: model ? modelFacts(options.model!, model) : [],
  };
}
