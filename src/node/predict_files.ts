/** Segments NIfTI files with a model file, each back onto its own grid. */
import { readFile } from 'node:fs/promises';
import { FormatError, VoxgradError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { type TuneOptions, type Tuning, tune } from '../kernels/tuning/tune.ts';
import { withPatchSize } from '../patch/patch_config.ts';
import type { Triple } from '../shape.ts';
import { buildModel, type DecodedModel, decodeModel } from '../train/checkpoint.ts';
import { inferenceProblems } from '../train/kernel_choices.ts';
import { openGpu } from './dawn.ts';
import {
  type InferenceSource,
  type PatchInferenceOptions,
  patchInference,
  type ScanPrediction,
} from './patch_inference.ts';

export interface PredictFilesOptions
  extends Pick<
    PatchInferenceOptions,
    | 'precision'
    | 'weights'
    | 'tta'
    | 'swBatchSize'
    | 'gpuBytes'
    | 'skipUnreadable'
    | 'signal'
    | 'onProgress'
    | 'onCompile'
    | 'onWarning'
  > {
  readonly gpu: Gpu;
  readonly model: DecodedModel;
  /** Paths by case name. */
  readonly images: ReadonlyMap<string, string>;
  /** Created. Existing predictions there are replaced. */
  readonly out: string;
  /** Instead of the model's own, multiples of what its network can halve: where GPU memory is short. */
  readonly patchSize?: Triple;
  /** Also write `<name>_prob.nii.gz`. Default false. */
  readonly saveProbabilities?: boolean;
  /**
   * Chooses each convolution's kernel for this adapter before the first patch; what is not stored is
   * measured only if there are 8 images or more. Default: the fixed ones.
   */
  readonly autotune?: TuneOptions;
  readonly onTuned?: (tuning: Tuning) => void;
}

/** Fewer are done before measuring kernels has paid. */
const MIN_IMAGES_TO_MEASURE = 8;

/** @throws FormatError with the path for a missing file or one that is no model */
export async function readModelFile(path: string): Promise<DecodedModel> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new FormatError(
      `readModelFile: the model cannot be read. ${error.message}. Pass model.safetensors of a run.`,
      { cause: error },
    );
  });
  try {
    return decodeModel(bytes);
  } catch (error) {
    if (!(error instanceof VoxgradError)) throw error;
    throw new FormatError(`${path}: ${error.message}`, { cause: error });
  }
}

/**
 * Writes `<name>_pred.nii.gz` for each image (`_pred.nii` for a `.nii`): label values on the image's
 * grid, with its affine and its orientation codes. With `saveProbabilities` also `_prob`: float32, one
 * volume per class along the fourth dimension, of a one-channel network the foreground's probability
 * alone. A device that is lost is replaced, and what was not finished is done again.
 *
 * @throws as `patchInference`
 */
export async function predictFiles(options: PredictFilesOptions): Promise<ScanPrediction[]> {
  const { gpu, model, images, out, patchSize: _, ...others } = options;
  const { saveProbabilities, autotune, onTuned, ...inference } = others;
  const { precision = 'f32', swBatchSize = 1, signal } = inference;
  const own = model.patchConfig;
  const config = options.patchSize ? withPatchSize(own, options.patchSize) : own;
  gpu.checkPrecision(precision);
  let current = { gpu, model: buildModel(gpu, model) };
  const reopen = async (): Promise<InferenceSource> => {
    current.model.dispose();
    const fresh = await openGpu();
    current = { gpu: fresh, model: buildModel(fresh, model) };
    return current;
  };
  try {
    if (autotune) {
      const { open, ...stored } = autotune;
      const measured = open && images.size >= MIN_IMAGES_TO_MEASURE ? { open } : {};
      const { patchSize } = config;
      const { inChannels } = model.architecture;
      const problems = inferenceProblems(gpu, current.model, [
        { batchSize: swBatchSize, inChannels, patchSize, precision },
      ]);
      onTuned?.(
        await tune(gpu, problems, { ...stored, ...measured, ...(signal ? { signal } : {}) }),
      );
    }
    return await patchInference(current, config, [...images.values()], {
      ...inference,
      recovery: { reopen },
      inChannels: model.architecture.inChannels,
      saveDir: out,
      returnVolumes: false,
      returnProbabilities: saveProbabilities ?? false,
    });
  } finally {
    current.model.dispose();
    if (current.gpu !== gpu) current.gpu.destroy();
  }
}
