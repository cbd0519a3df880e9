/** Segmentation of one scan, back on the scan's own grid. */
import { ConfigError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { spatialShape, type Volume, volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import { aggregationModeOf, type PatchWeights } from '../patch/aggregator.ts';
import { keepLargestComponents } from '../patch/largest_component.ts';
import { toOriginalGrid } from '../patch/original_grid.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import {
  type Grid,
  type Preprocessed,
  type Preprocessing,
  preprocess,
  preprocessingOf,
} from '../patch/preprocessing.ts';
import { product, sameShape, showShape } from '../shape.ts';
import { planWithin } from './inference_budget.ts';
import type { InferencePlan } from './inference_plan.ts';
import type { InferenceRecovery } from './inference_recovery.ts';
import type { MirrorAxes } from './mirror_views.ts';
import type { SlabResult } from './slab_result.ts';
import { slidingWindow, slidingWindowLabels } from './sliding_window.ts';

export interface InferScanOptions {
  /** Patch size, overlap, aggregation, preprocessing and postprocessing. */
  readonly config: PatchConfig;
  /** Of voxels where patches overlap. Default: the configuration's aggregationMode. */
  readonly weights?: PatchWeights;
  /**
   * Test-time augmentation: probabilities are the mean over each patch and its mirror images along
   * every combination of these axes, mirrored back. Default false; true is all three axes, 8 views.
   */
  readonly tta?: MirrorAxes;
  /** Patches per forward pass. Default 1. */
  readonly swBatchSize?: number;
  /** Storage of the network's activations. Default f32. */
  readonly precision?: Precision;
  /**
   * GPU memory that may be taken, buffers kept for reuse and for reading back included; planned
   * before the first patch. Default: no limit.
   */
  readonly gpuBytes?: number;
  /** Probabilities of every class, too. Default false: labels alone, which take less memory. */
  readonly returnProbabilities?: boolean;
  /** Goes on after the loss of the device, on a new one, to the same bits. Default: the loss is thrown. */
  readonly recovery?: InferenceRecovery;
  /** Of the scan, for messages. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Called before the first patch, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  /** Receives what is legal but probably not meant, and what happened and was mended. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Class of each voxel, [1, I, J, K]: the highest probability's (the lowest index on ties); of one
 * channel, 1 where it reaches the threshold.
 */
export function labelsOf(probabilities: Volume, binaryThreshold = 0.5): Volume {
  const { data, shape, affine } = probabilities;
  const voxels = product(shape.slice(1));
  const labels = new Float32Array(voxels);
  for (let voxel = 0; voxel < voxels; voxel++) {
    if (shape[0] === 1) {
      labels[voxel] = data[voxel]! >= binaryThreshold ? 1 : 0;
      continue;
    }
    let best = 0;
    for (let channel = 1; channel < shape[0]; channel++) {
      if (data[channel * voxels + voxel]! > data[best * voxels + voxel]!) best = channel;
    }
    labels[voxel] = best;
  }
  return volume(labels, [1, ...spatialShape(probabilities)], affine);
}

/** Without all but the largest component of each class (faces connect). */
export function largestComponentOf(labels: Volume): Volume {
  const kept = keepLargestComponents(labels.data, spatialShape(labels), 6);
  return volume(kept, labels.shape, labels.affine);
}

/** A scan as the network sees it, and what is needed for the way back. Can be cloned to a thread. */
export interface PreparedScan extends Preprocessed {
  /** Of the scan as it was read. */
  readonly original: Grid;
}

/**
 * The first half of `inferScan`, which needs no GPU: reorder to RAS+, resample, transform, pad.
 *
 * @param image [Cin, I, J, K] as read from its file; not changed
 * @throws as `preprocess`
 */
export function prepareScan(
  image: Volume,
  preprocessing: Preprocessing,
  name = 'scan',
): PreparedScan {
  const original = { shape: spatialShape(image), affine: image.affine };
  return { ...preprocess({ name, image }, preprocessing), original };
}

/** What a network says of a scan, on the scan's grid and with its affine; made when it is asked for. */
export interface ScanInference {
  /** Class of each voxel, [1, I, J, K]. */
  labels(): Volume;
  /**
   * One probability per class, [C, I, J, K]; of a one-channel network, of the foreground alone.
   *
   * @throws ConfigError unless they were asked for with `returnProbabilities`
   */
  probabilities(): Volume;
}

const windowOptions = <T extends Omit<InferScanOptions, 'onProgress'>>({
  config,
  weights,
  ...options
}: T) => ({
  ...config,
  ...options,
  ...(weights ? { aggregationMode: aggregationModeOf(weights) } : {}),
});

/**
 * What `inferPreparedScan` will take on the GPU, by the same code on a GPU that only counts. With
 * `gpuBytes`, whether a scan can be inferred is known before it is read.
 *
 * @param prepared size after preprocessing, [Cin, I, J, K], and its affine
 * @throws GpuMemoryError with the numbers of the plan if it does not fit `gpuBytes` or the adapter; as
 *   `inferScan` for what shows by then
 */
export function planScan(
  gpu: Gpu,
  model: Module,
  prepared: Pick<Volume, 'shape' | 'affine'>,
  options: Omit<InferScanOptions, 'onProgress'>,
): InferencePlan {
  const kind: SlabResult = options.returnProbabilities
    ? { name: 'probabilities' }
    : { name: 'labels', threshold: 0 };
  return planWithin(gpu, model, prepared, windowOptions(options), kind);
}

/**
 * The second half of `inferScan`: the network over a prepared scan.
 *
 * @throws as `inferScan`
 */
export async function inferPreparedScan(
  gpu: Gpu,
  model: Module,
  scan: PreparedScan,
  options: InferScanOptions,
): Promise<ScanInference> {
  const { config, returnProbabilities = false, onWarning } = options;
  const { name, image } = scan.subject;
  const { original } = scan;
  if (!sameShape(spatialShape(image), scan.unpadded.shape)) {
    onWarning?.(
      `'${name}' is padded from ${showShape(scan.unpadded.shape)} to ${showShape(spatialShape(image))} voxels: it is smaller than the patch.`,
    );
  }
  const { binaryThreshold, keepLargestComponent } = config;
  const window = windowOptions(options);
  const means = returnProbabilities ? await slidingWindow(gpu, model, image, window) : undefined;
  const classes = means
    ? labelsOf(means, binaryThreshold)
    : await slidingWindowLabels(gpu, model, image, window);
  return {
    labels() {
      const final = keepLargestComponent ? largestComponentOf(classes) : classes;
      return toOriginalGrid(final, scan, original, 'nearest');
    },
    probabilities() {
      if (!means) {
        throw new ConfigError(
          `inferScan: only labels were computed of '${name}'. Probabilities were not asked for. Pass returnProbabilities: true.`,
        );
      }
      return toOriginalGrid(means, scan, original, 'linear');
    },
  };
}

/**
 * The network over one scan: reorder to RAS+, resample, transform, pad, predict patch by patch. Labels
 * then take argmax and largest component of each class, and both all the way back.
 *
 * @param image [Cin, I, J, K] as read from its file; not changed
 * @returns results from one pass; labels are chosen on the network's grid, before the way back
 * @throws ShapeError if patch size or channels do not fit the network
 * @throws ConfigError for an axis of `tta` that does not exist
 * @throws GpuMemoryError before the first patch if the plan does not fit `gpuBytes` or the adapter
 * @throws GpuError for what went wrong on the GPU, and for an output that is not finite;
 *   DeviceLostError without `recovery`, or where new devices are lost at the same patch
 * @throws the signal's reason when it is aborted
 * @see fastMONAI PatchInferenceEngine
 * Differs from fastMONAI: of more than two classes the largest component of each is kept; there,
 *   keep_largest_component then does nothing.
 */
export async function inferScan(
  gpu: Gpu,
  model: Module,
  image: Volume,
  options: InferScanOptions,
): Promise<ScanInference> {
  const scan = prepareScan(image, preprocessingOf(options.config), options.name);
  return inferPreparedScan(gpu, model, scan, options);
}
