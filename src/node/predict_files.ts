/** Segments NIfTI files with a model file, each back onto its own grid. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, FormatError, VoxgradError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { type TuneOptions, type Tuning, tune } from '../kernels/tuning/tune.ts';
import type { PatchWeights } from '../patch/aggregator.ts';
import { buildModel, type DecodedModel, decodeModel } from '../train/checkpoint.ts';
import { inferenceProblems } from '../train/kernel_choices.ts';
import type { MirrorAxes } from '../train/mirror_views.ts';
import { inferScan } from '../train/patch_inference.ts';
import { readNiftiFile, readNiftiHeaderFile, writeNiftiFile } from './nifti_file.ts';
import { makeFolder } from './whole_file.ts';

export interface PredictFilesOptions {
  readonly gpu: Gpu;
  readonly model: DecodedModel;
  /** Paths by case name. */
  readonly images: ReadonlyMap<string, string>;
  /** Created. Existing predictions there are replaced. */
  readonly out: string;
  /** Storage of the network's activations. Default f32. */
  readonly precision?: Precision;
  /** Of voxels where patches overlap. Default: the model's own. */
  readonly weights?: PatchWeights;
  /** Test-time augmentation: axes along which patches are mirrored too; true for all three. Default false. */
  readonly tta?: MirrorAxes;
  /** Also write `<name>_prob.nii.gz`. Default false. */
  readonly saveProbabilities?: boolean;
  readonly signal?: AbortSignal;
  /** Work done in cases, with fractions for patches. */
  readonly onProgress?: (done: number, name: string) => void;
  /** Called before the first patch, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  readonly onWarning?: (message: string) => void;
  /**
   * Chooses each convolution's kernel for this adapter before the first patch; what is not stored is
   * measured only if there are 8 images or more. Default: the fixed ones.
   */
  readonly autotune?: TuneOptions;
  readonly onTuned?: (tuning: Tuning) => void;
}

/** Fewer are done before measuring kernels has paid. */
const MIN_IMAGES_TO_MEASURE = 8;

export interface Prediction {
  readonly name: string;
  readonly image: string;
  readonly prediction: string;
  /** Only where they were asked for. */
  readonly probabilities?: string;
  readonly seconds: number;
}

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

/** Reads all headers first: a file that does not fit must not show after hours. */
async function checkImages(model: DecodedModel, images: ReadonlyMap<string, string>) {
  for (const path of images.values()) {
    const { shape } = await readNiftiHeaderFile(path);
    if (shape[0] !== model.architecture.inChannels) {
      throw new ConfigError(
        `predictFiles: the image does not fit the model. ${path} has ${shape[0]} channels, the model reads ${model.architecture.inChannels}. Pass images such as it was trained on.`,
      );
    }
  }
}

/**
 * Writes `<name>_pred.nii.gz` for each image: label values on the image's grid, with its affine and
 * its orientation codes. With `saveProbabilities` also `<name>_prob.nii.gz`: float32, one volume per class
 * along the fourth dimension, of a one-channel network the foreground's probability alone.
 *
 * @throws the signal's reason after an abort; predictions written by then are complete
 */
export async function predictFiles(options: PredictFilesOptions): Promise<Prediction[]> {
  const { gpu, model, images, out, signal, onProgress, onCompile, onWarning } = options;
  const { precision = 'f32', weights, tta = false, saveProbabilities = false } = options;
  const { autotune, onTuned } = options;
  gpu.checkPrecision(precision);
  await checkImages(model, images);
  await makeFolder(out);
  const network = buildModel(gpu, model);
  const results: Prediction[] = [];
  try {
    if (autotune) {
      const { open, ...stored } = autotune;
      const measured = open && images.size >= MIN_IMAGES_TO_MEASURE ? { open } : {};
      const { patchSize } = model.patchConfig;
      const { inChannels } = model.architecture;
      const problems = inferenceProblems(gpu, network, [
        { batchSize: 1, inChannels, patchSize, precision },
      ]);
      onTuned?.(
        await tune(gpu, problems, { ...stored, ...measured, ...(signal ? { signal } : {}) }),
      );
    }
    for (const [name, path] of images) {
      const startedAt = performance.now();
      signal?.throwIfAborted();
      const image = await readNiftiFile(path);
      const scan = await inferScan(gpu, network, image, {
        config: model.patchConfig,
        name,
        ...(signal ? { signal } : {}),
        precision,
        ...(weights ? { weights } : {}),
        tta,
        ...(onCompile ? { onCompile } : {}),
        ...(onWarning ? { onWarning } : {}),
        onProgress: (done, total) => onProgress?.(results.length + (done / total) * 0.99, name),
      });
      const probabilities = join(out, `${name}_prob.nii.gz`);
      if (saveProbabilities) {
        await writeNiftiFile(probabilities, scan.probabilities(), { like: image.header });
      }
      const prediction = join(out, `${name}_pred.nii.gz`);
      const datatype = model.classNames.length <= 256 ? 'uint8' : 'uint16';
      await writeNiftiFile(prediction, scan.labels(), { datatype, like: image.header });
      const seconds = (performance.now() - startedAt) / 1000;
      const also = saveProbabilities ? { probabilities } : {};
      results.push({ name, image: path, prediction, ...also, seconds });
      onProgress?.(results.length, name);
    }
  } finally {
    network.dispose();
  }
  return results;
}
