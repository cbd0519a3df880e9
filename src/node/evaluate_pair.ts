/** The metrics of one predicted label map; what can be sent between threads. */
import { FormatError, ShapeError } from '../errors.ts';
import { sameAffine, spacingOf } from '../io/affine.ts';
import { spatialShape, type Volume } from '../io/volume.ts';
import { sameShape, showShape } from '../shape.ts';
import { type LabelledCase, labelValues } from '../train/evaluation.ts';
import { evaluateCase, type Metrics } from '../train/metrics/evaluate_case.ts';
import { readNiftiFile } from './nifti_file.ts';
import type { LabelPair } from './prediction_pairs.ts';

export interface EvaluateTask {
  readonly pair: LabelPair;
  /** Every label above 0 counts as one. */
  readonly binary: boolean;
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
  { name }: LabelPair,
  prediction: Pick<Volume, 'shape'>,
  label: Pick<Volume, 'shape'>,
): void {
  if (label.shape[0] === 1 && sameShape(prediction.shape, label.shape)) return;
  throw new ShapeError(
    `evaluate: the shapes of case '${name}' do not fit. Prediction ${showShape(prediction.shape)}, label map ${showShape(label.shape)} [C,I,J,K]. Predict on the grid that the label map was drawn on.`,
  );
}

/** @throws FormatError with the path in front, for a file that is no label map */
function labelsOf(volume: Volume, path: string): number[] {
  try {
    return labelValues(volume.data);
  } catch (error) {
    throw new FormatError(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Metrics of a pair; millimetres are those of the label map.
 *
 * @throws ShapeError if the shapes differ, FormatError for a file that is no label map
 */
export async function evaluatePair({ pair, binary }: EvaluateTask): Promise<EvaluatedPair> {
  const prediction = await readNiftiFile(pair.prediction);
  const label = await readNiftiFile(pair.label);
  checkPair(pair, prediction, label);
  const predicted = labelsOf(prediction, pair.prediction);
  const occurring = labelsOf(label, pair.label);
  const shape = spatialShape(label);
  const spacing = spacingOf(label.affine);
  const byLabel = new Map<number, Metrics>();
  for (const value of binary ? [1] : occurring) {
    const options = binary ? { spacing } : { spacing, label: value };
    byLabel.set(value, evaluateCase(pair.name, prediction.data, label.data, shape, options));
  }
  const isDisplaced = !sameAffine(prediction.affine, label.affine);
  return { name: pair.name, byLabel, predicted, occurring, isDisplaced };
}
