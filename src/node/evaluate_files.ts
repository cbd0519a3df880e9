/** Compares predicted label maps with the true ones, one case at a time. */
import { FormatError, ShapeError } from '../errors.ts';
import { sameAffine, spacingOf } from '../io/affine.ts';
import { spatialShape, type Volume } from '../io/volume.ts';
import { sameShape, showShape } from '../shape.ts';
import {
  type LabelledCase,
  type LabelledEvaluation,
  labelledEvaluation,
  labelValues,
} from '../train/evaluation.ts';
import { evaluateCase, type Metrics } from '../train/metrics/evaluate_case.ts';
import { readNiftiFile } from './nifti_file.ts';
import type { LabelPair } from './prediction_pairs.ts';

export interface EvaluateFilesOptions {
  readonly pairs: readonly LabelPair[];
  /** Every label above 0 counts as one. Without it each label of the label maps has its table. */
  readonly binary: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, name: string) => void;
  readonly onWarning?: (message: string) => void;
}

/** Both label maps of a case, on one grid. */
async function readCase(pair: LabelPair, onWarning?: (message: string) => void) {
  const prediction = await readNiftiFile(pair.prediction);
  const label = await readNiftiFile(pair.label);
  if (label.shape[0] !== 1 || !sameShape(prediction.shape, label.shape)) {
    throw new ShapeError(
      `evaluate: the shapes of case '${pair.name}' do not fit. Prediction ${showShape(prediction.shape)}, label map ${showShape(label.shape)} [C,I,J,K]. Predict on the grid that the label map was drawn on.`,
    );
  }
  if (!sameAffine(prediction.affine, label.affine)) {
    onWarning?.(
      `${pair.name}: prediction and label map lie at different places; compared voxel by voxel`,
    );
  }
  return { prediction, label };
}

/** @throws FormatError with the path in front, for a file that is no label map */
function labelsOf(volume: Volume, path: string): number[] {
  try {
    return labelValues(volume.data);
  } catch (error) {
    throw new FormatError(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

const listed = (values: Iterable<number>): string =>
  [...values].sort((a, b) => a - b).join(', ') || 'none';

/**
 * Metrics of all pairs; millimetres are those of the label maps.
 *
 * @throws ShapeError if the shapes of a pair differ, FormatError for a file that is no label map
 */
export async function evaluateFiles(options: EvaluateFilesOptions): Promise<LabelledEvaluation> {
  const { pairs, binary, signal, onProgress, onWarning } = options;
  const cases: LabelledCase[] = [];
  const occurring = new Set<number>();
  const predicted = new Set<number>();
  for (const [index, pair] of pairs.entries()) {
    signal?.throwIfAborted();
    const { prediction, label } = await readCase(pair, onWarning);
    const byLabel = new Map<number, Metrics>();
    const present = labelsOf(label, pair.label);
    for (const value of labelsOf(prediction, pair.prediction)) predicted.add(value);
    for (const value of present) occurring.add(value);
    const shape = spatialShape(label);
    const spacing = spacingOf(label.affine);
    for (const value of binary ? [1] : present) {
      const options = binary ? { spacing } : { spacing, label: value };
      byLabel.set(value, evaluateCase(pair.name, prediction.data, label.data, shape, options));
    }
    cases.push({ name: pair.name, byLabel });
    onProgress?.(index + 1, pair.name);
  }
  const differ =
    new Set([...predicted, ...occurring]).size > Math.min(predicted.size, occurring.size);
  if (!binary && differ) {
    onWarning?.(
      `predictions hold the labels ${listed(predicted)}, label maps ${listed(occurring)}; --binary compares everything above 0`,
    );
  }
  return labelledEvaluation(cases, binary ? [1] : [...occurring].sort((a, b) => a - b));
}
