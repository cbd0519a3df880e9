/** Predictions and label maps that belong together, by file name. */
import { FormatError } from '../errors.ts';
import { niftiFiles } from './nifti_names.ts';

export interface LabelPair {
  readonly name: string;
  readonly prediction: string;
  readonly label: string;
}

export interface PairOptions {
  /** Exactly these cases, e.g. the test section of a split. Without it, all of both folders. */
  readonly names?: readonly string[];
  /** Label maps without a prediction are left out rather than missed. */
  readonly subset?: boolean;
}

const SUFFIX = '_pred';

const listed = (names: readonly string[]): string =>
  names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');

/**
 * Pairs `NAME_pred.nii.gz` of one folder with `NAME.nii.gz` of the other, sorted by name.
 *
 * @throws FormatError if a partner is missing, or if there is no pair at all
 */
export async function pairPredictions(
  predictionFolder: string,
  labelFolder: string,
  { names, subset = false }: PairOptions = {},
): Promise<LabelPair[]> {
  const files = await niftiFiles(predictionFolder);
  const labels = await niftiFiles(labelFolder);
  const predictions = new Map<string, string>();
  for (const [name, path] of files) {
    if (name.endsWith(SUFFIX)) predictions.set(name.slice(0, -SUFFIX.length), path);
  }
  if (predictions.size === 0) {
    throw new FormatError(
      `pairPredictions: no predictions in ${predictionFolder}. It holds ${files.size} NIfTI files, none named NAME${SUFFIX}.nii.gz. Pass the folder that predict wrote.`,
    );
  }
  const wanted = [...(names ?? predictions.keys())].sort();
  const unlabelled = wanted.filter((name) => !labels.has(name));
  if (unlabelled.length > 0) {
    throw new FormatError(
      `pairPredictions: ${unlabelled.length} cases have no label map. ${labelFolder} lacks ${listed(unlabelled)} (.nii.gz). Add them, or remove the predictions.`,
    );
  }
  const expected = names ?? (subset ? [] : [...labels.keys()]);
  const unpredicted = expected.filter((name) => !predictions.has(name));
  if (unpredicted.length > 0) {
    throw new FormatError(
      `pairPredictions: ${unpredicted.length} cases have no prediction. ${predictionFolder} lacks ${listed(unpredicted.map((name) => name + SUFFIX))} (.nii.gz). Predict them; or name the cases with --split, or leave the others out with --subset.`,
    );
  }
  return wanted.map((name) => ({
    name,
    prediction: predictions.get(name)!,
    label: labels.get(name)!,
  }));
}
