/** Segments a list of NIfTI files, each back onto its own grid. */
import { join } from 'node:path';
import { ConfigError, errorOf, FormatError, plainError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { identityAffine } from '../io/affine.ts';
import type { NiftiHeader } from '../io/nifti.ts';
import { labelMapOptions } from '../io/nifti_labels.ts';
import type { Volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import { preparedShape } from '../patch/prepared_shape.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import type { TransformSpec } from '../patch/transforms/transform.ts';
import { type InferScanOptions, inferPreparedScan, planScan } from '../train/patch_inference.ts';
import { readNiftiHeaderFile, writeNiftiFile } from './nifti_file.ts';
import { caseName } from './nifti_names.ts';
import { type ReadScan, ScanReader } from './scan_reader.ts';
import { makeFolder } from './whole_file.ts';

/** What of a `Learner` is needed; of a model file, `buildModel` makes the model. */
export interface InferenceSource {
  readonly gpu: Gpu;
  readonly model: Module;
}

type NetworkOptions = Omit<InferScanOptions, 'config' | 'name' | 'onProgress'>;

export interface PatchInferenceOptions extends NetworkOptions {
  /** Before patches are cut. Default: the configuration's `normalization`. */
  readonly preInferenceTfms?: readonly TransformSpec[];
  /** Created; `<name>_pred.nii.gz` are written there, with `returnProbabilities` `<name>_prob.nii.gz` too. */
  readonly saveDir?: string;
  /** Hold each result in memory and return it. Default true. */
  readonly returnVolumes?: boolean;
  /** A file that cannot be read is reported in its result, and the others go on. Default: it is fatal. */
  readonly skipUnreadable?: boolean;
  /** Channels that the network reads; files are checked for it before the first is segmented. */
  readonly inChannels?: number;
  /** Work done in files, with fractions for patches; `text` is "Patch inference", with mirroring "Patch inference (TTA)". */
  readonly onProgress?: (done: number, total: number, name: string, text: string) => void;
}

/** Wall time per step of one file; the first two pass in a thread while the file before is segmented. */
export interface InferenceSeconds {
  readonly read: number;
  readonly preprocess: number;
  /** Patches, network, aggregation. */
  readonly network: number;
  /** Largest components and the way back to the scan's grid. */
  readonly wayBack: number;
  readonly write: number;
}

export interface ScanPrediction {
  readonly name: string;
  readonly path: string;
  /** On the scan's grid, with its affine: labels [1, I, J, K] or with `returnProbabilities` [C, I, J, K]. */
  readonly volume?: Volume;
  /** Labels, where `saveDir` was given. */
  readonly prediction?: string;
  /** Probabilities, where `saveDir` was given and they were asked for. */
  readonly probabilities?: string;
  readonly seconds?: InferenceSeconds;
  /** Why there is nothing else, with `skipUnreadable`. */
  readonly error?: string;
}

/** `scan.nii.gz` and `scan.hdr` -> `scan_pred.nii.gz`, `scan.nii` -> `scan_pred.nii` */
export function predictionName(path: string, suffix: 'pred' | 'prob'): string {
  const ending = /\.nii$/i.test(path) ? '.nii' : '.nii.gz';
  return `${caseName(path)}_${suffix}${ending}`;
}

/** Two files of one name would overwrite each other's predictions. */
function checkNames(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const name = caseName(path);
    const other = seen.get(name);
    if (other !== undefined) {
      throw new ConfigError(
        `patchInference: two files have one name, so their predictions would too. Got ${other} and ${path}. Save them into different folders.`,
      );
    }
    seen.set(name, path);
  }
}

/** Reads all headers first: a file that does not fit must not show after hours. */
async function checkHeaders(
  paths: readonly string[],
  { inChannels, skipUnreadable }: PatchInferenceOptions,
  check: (header: NiftiHeader) => void,
): Promise<Map<string, string>> {
  const errors = new Map<string, string>();
  for (const path of paths) {
    try {
      const header = await readNiftiHeaderFile(path);
      if (inChannels !== undefined && header.shape[0] !== inChannels) {
        throw new FormatError(
          `${path}: patchInference: the image does not fit the model. It has ${header.shape[0]} channels, the model reads ${inChannels}. Pass images such as it was trained on.`,
        );
      }
      check(header);
    } catch (error) {
      if (error instanceof ConfigError) {
        throw errorOf({ ...plainError(error), message: `${path}: ${error.message}` });
      }
      if (!skipUnreadable || !(error instanceof FormatError)) throw error;
      errors.set(path, error.message);
    }
  }
  return errors;
}

class Inference {
  /** Another after a loss. */
  private source: InferenceSource;
  private readonly config: PatchConfig;
  private readonly options: PatchInferenceOptions;

  constructor(source: InferenceSource, config: PatchConfig, options: PatchInferenceOptions) {
    this.source = source;
    this.config = config;
    this.options = options;
  }

  async segment(
    path: string,
    { scan, header, seconds }: ReadScan,
    onProgress: (done: number, total: number) => void,
  ): Promise<ScanPrediction> {
    const { gpu, model } = this.source;
    const { saveDir, returnVolumes = true, returnProbabilities, ...others } = this.options;
    const { recovery } = others;
    const reopen = async (): Promise<InferenceSource> => {
      this.source = await recovery!.reopen();
      return this.source;
    };
    const { name } = scan.subject;
    const startedAt = performance.now();
    const inference = await inferPreparedScan(gpu, model, scan, {
      ...others,
      ...(returnProbabilities ? { returnProbabilities } : {}),
      ...(recovery ? { recovery: { ...recovery, reopen } } : {}),
      config: this.config,
      onProgress,
    });
    const inferredAt = performance.now();
    const wanted = !returnProbabilities || saveDir !== undefined;
    const labels = wanted ? inference.labels() : undefined;
    const probabilities = returnProbabilities ? inference.probabilities() : undefined;
    const backAt = performance.now();
    const files: { prediction?: string; probabilities?: string } = {};
    if (saveDir !== undefined && probabilities) {
      files.probabilities = join(saveDir, predictionName(path, 'prob'));
      await writeNiftiFile(files.probabilities, probabilities, { like: header });
    }
    if (saveDir !== undefined && labels) {
      files.prediction = join(saveDir, predictionName(path, 'pred'));
      await writeNiftiFile(files.prediction, labels, labelMapOptions(labels, header));
    }
    const volume = probabilities ?? labels;
    return {
      name,
      path,
      ...(returnVolumes && volume ? { volume } : {}),
      ...files,
      seconds: {
        ...seconds,
        network: (inferredAt - startedAt) / 1000,
        wayBack: (backAt - inferredAt) / 1000,
        write: (performance.now() - backAt) / 1000,
      },
    };
  }
}

/**
 * The network over each file: reorder to RAS+, resample, transform, pad, predict patch by patch, and
 * all the way back. A thread reads and preprocesses the next file meanwhile; no more than that one
 * is held ahead.
 *
 * @param source a `Learner`, or a device and a model on it
 * @param config of the training: patch size, overlap, aggregation, preprocessing, postprocessing
 * @returns one result per path, in their order
 * @throws FormatError naming a file that cannot be read, unless `skipUnreadable`; ConfigError for two
 *   files of one name; as `inferScan` for the rest
 * @throws the signal's reason after an abort; predictions written by then are complete
 * @see fastMONAI patch_inference
 * Differs from fastMONAI: with `saveDir`, probabilities are `_prob` files, beside `_pred` files that
 *   always hold labels.
 */
export async function patchInference(
  source: InferenceSource,
  config: PatchConfig,
  filePaths: readonly string[],
  options: PatchInferenceOptions = {},
): Promise<ScanPrediction[]> {
  const { preInferenceTfms, saveDir, signal, skipUnreadable, onWarning, onProgress } = options;
  const { gpu, model } = source;
  gpu.checkPrecision(options.precision ?? 'f32');
  if (saveDir !== undefined) checkNames(filePaths);
  const transforms = (preInferenceTfms ?? config.normalization ?? []).map(({ name, params }) => ({
    name,
    params,
  }));
  const preprocessing = { ...preprocessingOf(config), transforms };
  const errors = await checkHeaders(
    filePaths,
    options,
    ({ shape: [channels, ...shape], affine }) => {
      if (options.gpuBytes === undefined) return;
      const prepared = preparedShape({ shape, affine }, preprocessing);
      if (!prepared) return;
      const input = { shape: [channels, ...prepared] as const, affine: identityAffine() };
      planScan(gpu, model, input, { ...options, config });
    },
  );
  if (saveDir !== undefined) await makeFolder(saveDir);
  const text = `Patch inference${options.tta ? ' (TTA)' : ''}`;
  const inference = new Inference(source, config, options);
  const reader = new ScanReader();
  const read = (index: number): Promise<ReadScan> | undefined => {
    const path = filePaths[index];
    if (path === undefined || errors.has(path)) return undefined;
    const reading = reader.read({ path, name: caseName(path), preprocessing }, signal);
    // Awaited when its turn comes; a failure until then must not count as unhandled.
    reading.catch(() => undefined);
    return reading;
  };
  const results: ScanPrediction[] = [];
  try {
    let next = read(0);
    for (const [index, path] of filePaths.entries()) {
      signal?.throwIfAborted();
      const name = caseName(path);
      let scan: ReadScan | undefined;
      try {
        scan = await next;
      } catch (error) {
        if (!skipUnreadable || !(error instanceof FormatError)) throw error;
        errors.set(path, error.message);
      }
      next = read(index + 1);
      // What reading the last file took is free again while it is segmented.
      if (index + 1 === filePaths.length) await reader.close();
      if (scan) {
        const onPatches = (done: number, total: number): void =>
          onProgress?.(index + (done / total) * 0.99, filePaths.length, name, text);
        results.push(await inference.segment(path, scan, onPatches));
      } else {
        const error = errors.get(path)!;
        onWarning?.(`skipped ${error}`);
        results.push({ name, path, error });
      }
      onProgress?.(index + 1, filePaths.length, name, text);
    }
  } finally {
    await reader.close();
  }
  return results;
}
