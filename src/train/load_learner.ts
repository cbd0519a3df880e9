/** Learners in files: what a model needs to be used, or trained on, elsewhere. */
import { ConfigError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { UNet } from '../nn/unet.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import { buildModel, type DecodedModel, decodeModel, encodeModel } from './checkpoint.ts';
import { Learner, type LearnerOptions } from './learner.ts';

export interface ExportOptions {
  /** How patches were cut and intensities prepared; inference does the same. */
  readonly patchConfig: PatchConfig;
  /** By label value; the first is the background. */
  readonly classNames: readonly string[];
}

/**
 * Bytes of one .safetensors file with the learner's weights as they are now and all that inference
 * needs; what `voxgrad predict` and `loadLearner` take. The optimiser's averages stay behind.
 *
 * @throws ConfigError for a model that is no UNet
 * @throws FormatError if the class names or the patch do not fit the network
 * @see fastai Learner.export
 */
export async function exportLearner(
  { model }: Pick<Learner, 'model'>,
  { patchConfig, classNames }: ExportOptions,
): Promise<Uint8Array> {
  if (!(model instanceof UNet)) {
    throw new ConfigError(
      `exportLearner: a model file holds a UNet. Got ${model.constructor.name}. Save model.stateDict() with encodeSafetensors instead.`,
    );
  }
  return encodeModel({
    architecture: { name: 'UNet', ...model.config },
    patchConfig,
    preprocessing: preprocessingOf(patchConfig),
    classNames,
    stateDict: await model.stateDict(),
  });
}

export interface LoadedLearner {
  /** For `patchInference`, `validate`, and further training. */
  readonly learner: Learner;
  readonly model: UNet;
  readonly patchConfig: PatchConfig;
  readonly classNames: readonly string[];
  /** Gives back what model and learner hold. */
  dispose(): void;
}

/**
 * The learner of a model file, with its network on the GPU.
 *
 * @param file bytes, or what `readModelFile` of 'voxgrad/node' gives
 * @param options of further training: loaders, seed, optimiser
 * @throws FormatError for bytes that are no model file
 * @see fastai load_learner
 */
export function loadLearner(
  gpu: Gpu,
  file: Uint8Array | DecodedModel,
  options: Omit<LearnerOptions, 'gpu' | 'model'> = {},
): LoadedLearner {
  const decoded = file instanceof Uint8Array ? decodeModel(file) : file;
  const model = buildModel(gpu, decoded);
  try {
    const learner = new Learner({ ...options, gpu, model });
    const { patchConfig, classNames } = decoded;
    const dispose = (): void => {
      learner.dispose();
      model.dispose();
    };
    return { learner, model, patchConfig, classNames, dispose };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
