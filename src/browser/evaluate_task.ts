/** One predicted label map against the true one, in the worker. */
import { FormatError } from '../errors.ts';
import { readNifti } from '../io/nifti.ts';
import { caseOf } from '../io/nifti_names.ts';
import {
  evaluateLabels,
  evaluationOfPairs,
  labelValuesOf,
  type NamedLabels,
} from '../train/evaluate_labels.ts';
import { labelledEvaluationJson } from '../train/evaluation.ts';
import { blobBytes } from './blob_bytes.ts';
import type { EvaluateProgress } from './protocol.ts';
import { StageClock } from './stage_clock.ts';
import { breathe, type TaskWork } from './task_context.ts';

/** @throws FormatError with `file` in front */
async function readLabels(blob: Blob, file: string): Promise<NamedLabels> {
  try {
    return { volume: readNifti(await blobBytes(blob)), file };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${file}: ${error.message}`, { cause: error });
  }
}

/**
 * What `evaluate` of `VoxgradWorker` does in the worker.
 *
 * @throws ShapeError if the shapes differ, FormatError for a file that is no label map
 * @throws the signal's reason
 */
export const evaluateTask: TaskWork<'evaluate'> = async (
  { prediction, label, settings },
  { state, signal, report, warn },
) => {
  const name = caseOf(settings.name);
  const clock = new StageClock<EvaluateProgress['stage']>(report);
  clock.at('reading', 0, 2);
  const predicted = await readLabels(prediction, `prediction of ${name}`);
  await breathe(signal);
  clock.at('reading', 1, 2);
  const truth = await readLabels(label, `label map of ${name}`);
  clock.at('reading', 2, 2);
  await breathe(signal);
  const classNames = state.model?.decoded.classNames;
  const values = labelValuesOf(truth);
  const isOneAgainstSeveral = classNames?.length === 2 && values.length > 1;
  const binary = settings.binary ?? isOneAgainstSeveral;
  if (settings.binary === undefined && binary) {
    warn(
      `${name}: the model knows one class, '${classNames![1]}', the label map holds the labels ${values.join(', ')}; everything above 0 counts as one, as with --binary`,
    );
  }
  const pair = await evaluateLabels(name, predicted, truth, binary, (done, total) => {
    // A label map without labels is done at once.
    clock.at('measuring', total === 0 ? 1 : done, total || 1);
    return breathe(signal);
  });
  const result = evaluationOfPairs([pair], {
    binary,
    classNames: classNames && new Map([...classNames.entries()].filter(([value]) => value > 0)),
    onWarning: warn,
  });
  return labelledEvaluationJson(result);
};
