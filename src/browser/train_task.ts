/** What trainings are in the worker: looking at the files, planning, and training. */
import { type DecodedModel, decodeModel } from '../train/checkpoint.ts';
import { blobBytes } from './blob_bytes.ts';
import type { TaskWork } from './task_context.ts';
import { inspectTraining } from './training_data.ts';
import { planTraining } from './training_plan.ts';
import { TrainingSession } from './training_session.ts';

/** The network of a model file that is trained further. */
async function startOf(
  start: Blob | Uint8Array | undefined,
): Promise<{ readonly start?: DecodedModel }> {
  return start ? { start: decodeModel(await blobBytes(start)) } : {};
}

/** @throws as `inspectTraining` */
export const inspectTrainingTask: TaskWork<'inspectTraining'> = ({ images }, { signal, report }) =>
  inspectTraining(images, {
    signal,
    onProgress: (done, total) => report({ stage: 'reading', done, total }),
  });

/** @throws as `planTraining`, and FormatError for a model file that is none */
export const planTrainingTask: TaskWork<'planTraining'> = async ({ data, settings, start }) =>
  planTraining(data, settings, (await startOf(start)).start);

/** @throws as `TrainingSession.run`, and FormatError for a model file that is none */
export const trainTask: TaskWork<'train'> = async ({ images, settings, start }, context) => {
  const { state, signal, report, onQuestion } = context;
  const session = new TrainingSession({
    cases: images,
    settings,
    signal,
    openGpu: () => state.gpu.get(),
    onProgress: report,
    ...(await startOf(start)),
  });
  onQuestion('pause', () => session.pause());
  onQuestion('resume', () => session.resume());
  onQuestion('stop', () => session.stop());
  onQuestion('model', () => session.model());
  return session.run();
};
