/** The metrics of one predicted label map; what can be sent between threads. */
import { type EvaluatedPair, evaluateLabels } from '../train/evaluate_labels.ts';
import { readNiftiFile } from './nifti_file.ts';
import type { LabelPair } from './prediction_pairs.ts';

export interface EvaluateTask {
  readonly pair: LabelPair;
  /** Every label above 0 counts as one. */
  readonly binary: boolean;
}

/**
 * Metrics of a pair; millimetres are those of the label map.
 *
 * @throws ShapeError if the shapes differ, FormatError for a file that is no label map
 */
export async function evaluatePair({ pair, binary }: EvaluateTask): Promise<EvaluatedPair> {
  const prediction = { volume: await readNiftiFile(pair.prediction), file: pair.prediction };
  const label = { volume: await readNiftiFile(pair.label), file: pair.label };
  return evaluateLabels(pair.name, prediction, label, binary);
}
