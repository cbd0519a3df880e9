import { decodeModel } from '../train/checkpoint.ts';
import { blobBytes } from './blob_bytes.ts';
import { LoadedModel } from './loaded_model.ts';
import type { TaskWork } from './task_context.ts';

/** Replaces the worker's model, once the new one is known to be right. */
export const loadModelTask: TaskWork<'loadModel'> = async ({ file }, { state }) => {
  const bytes = await blobBytes(file);
  const model = new LoadedModel(decodeModel(bytes));
  const facts = model.facts(await state.gpu.get());
  state.model?.dispose();
  state.model = model;
  return facts;
};
