/** Compares one label map with the true one, and many such comparisons into one evaluation. */
import { FormatError, ShapeError } from '../errors.ts';
import { sameAffine, spacingOf } from '../io/affine.ts';
import { spatialShape, type Volume } from '../io/volume.ts';
import { sameShape, showShape } from '../shape.ts';
import {
  type LabelledCase,
  type LabelledEvaluation,
  labelledEvaluation,
  labelValues,
} from './evaluation.ts';
import { evaluateCase, type Metrics } from './metrics/evaluate_case.ts';

/** A label map, and what its file is called in messages. */
export interface NamedLabels {
  readonly volume: Volume;
  readonly file: string;
}

export interface EvaluatedPair extends LabelledCase {
  /** Label values of both files. */
  readonly predicted: readonly number[];
  readonly occurring: readonly number[];
  /** The files claim different places; voxels were compared by index. */
  readonly isDisplaced: boolean;
}

/** @throws ShapeError unless both are label maps of one size */
export function checkPair(
  name: string,
  prediction: Pick<Volume, 'shape'>,
  label: Pick<Volume, 'shape'>,
): void {
  if (label.shape[0] === 1 && sameShape(prediction.shape, label.shape)) return;
  throw new ShapeError(
    `evaluate: the shapes of case '${name}' do not fit. Prediction ${showShape(prediction.shape)}, label map ${showShape(label.shape)} [C,I,J,K]. Predict on the grid that the label map was drawn on.`,
  );
}

/**
 * Label values above 0 of a file, ascending.
 *
 * @throws FormatError with the file's name in front, for one that is no label map
 */
export function labelValuesOf({ volume, file }: NamedLabels): number[] {
  try {
    return labelValues(volume.data);
  } catch (error) {
    throw new FormatError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Metrics of a pair; millimetres are those of the label map.
 *
 * @param binary every label above 0 counts as one
 * @param onLabel awaited before the first label and after each, with labels done and labels in all
 * @throws ShapeError if the shapes differ, FormatError for a file that is no label map
 * @throws what `onLabel` throws
 */
export async function evaluateLabels(
  name: string,
  prediction: NamedLabels,
  label: NamedLabels,
  binary: boolean,
  onLabel?: (done: number, total: number) => Promise<void>,
): Promise<EvaluatedPair> {
  checkPair(name, prediction.volume, label.volume);
  const predicted = labelValuesOf(prediction);
  const occurring = labelValuesOf(label);
  const shape = spatialShape(label.volume);
  const spacing = spacingOf(label.volume.affine);
  const byLabel = new Map<number, Metrics>();
  const values = binary ? [1] : occurring;
  await onLabel?.(0, values.length);
  for (const value of values) {
    const options = binary ? { spacing } : { spacing, label: value };
    byLabel.set(
      value,
      evaluateCase(name, prediction.volume.data, label.volume.data, shape, options),
    );
    await onLabel?.(byLabel.size, values.length);
  }
  const isDisplaced = !sameAffine(prediction.volume.affine, label.volume.affine);
  return { name, byLabel, predicted, occurring, isDisplaced };
}

export interface EvaluationOfPairsOptions {
  readonly binary: boolean;
  /** Names by label value, for the tables. */
  readonly classNames?: ReadonlyMap<number, string> | undefined;
  /** Receives what is legal but probably not meant. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const listed = (values: Iterable<number>): string =>
  [...values].sort((a, b) => a - b).join(', ') || 'none';

/** The tables of `voxgrad evaluate` from the metrics of its pairs. */
export function evaluationOfPairs(
  cases: readonly EvaluatedPair[],
  { binary, classNames, onWarning }: EvaluationOfPairsOptions,
): LabelledEvaluation {
  for (const { name } of cases.filter(({ isDisplaced }) => isDisplaced)) {
    onWarning?.(
      `${name}: prediction and label map lie at different places; compared voxel by voxel`,
    );
  }
  const occurring = new Set(cases.flatMap((each) => each.occurring));
  const predicted = new Set(cases.flatMap((each) => each.predicted));
  const differ =
    new Set([...predicted, ...occurring]).size > Math.min(predicted.size, occurring.size);
  if (!binary && differ) {
    onWarning?.(
      `predictions hold the labels ${listed(predicted)}, label maps ${listed(occurring)}; --binary compares everything above 0`,
    );
  }
  const labels = binary ? [1] : [...occurring].sort((a, b) => a - b);
  return labelledEvaluation(cases, labels, binary ? undefined : classNames);
}
