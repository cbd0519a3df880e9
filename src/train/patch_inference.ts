/** Segmentation of one scan, back on the scan's own grid. */
import { ShapeError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { axisCodes, toOrientation } from '../io/orientation.ts';
import type { Interpolation } from '../io/resample.ts';
import { spatialShape, type Volume, volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import { aggregationModeOf, type PatchWeights } from '../patch/aggregator.ts';
import { keepLargestComponent } from '../patch/largest_component.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import { type Preprocessed, preprocess, preprocessingOf } from '../patch/preprocessing.ts';
import { crop } from '../patch/transforms/crop_or_pad.ts';
import { toBounds } from '../patch/transforms/pad.ts';
import { resize } from '../patch/transforms/resize.ts';
import { product, sameShape, showShape } from '../shape.ts';
import type { MirrorAxes } from './mirror_views.ts';
import { slidingWindow } from './sliding_window.ts';

export interface PatchInferenceOptions {
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
  /** Return one probability per class instead of labels. */
  readonly returnProbabilities?: boolean;
  /** Of the scan, for messages. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Called before the first patch, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  /** Receives what is legal but probably not meant. */
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

/** Without all but the largest component of a binary label map (faces connect). */
export function largestComponentOf(labels: Volume): Volume {
  const kept = keepLargestComponent(labels.data, spatialShape(labels), 6);
  return volume(Float32Array.from(kept), labels.shape, labels.affine);
}

/**
 * A result on the padded grid, brought back to the grid of the scan: padding cropped, resized,
 * reoriented; with the scan's own affine.
 *
 * @param original the scan as it was read
 * @throws ShapeError if the way back does not end at the scan's size
 * Differs from fastMONAI: the padding is cropped before the resize. There, a padded label map is
 *   squeezed into the scan's size.
 */
export function toOriginalGrid(
  result: Volume,
  { reordered, unpadded, padStart }: Preprocessed,
  original: Volume,
  interpolation: Interpolation,
): Volume {
  const size = spatialShape(result);
  const bounds = unpadded.shape.flatMap((inside, axis) => {
    const before = padStart[axis]!;
    return [before, size[axis]! - inside - before];
  });
  const cropped = crop(result, toBounds(bounds, 'toOriginalGrid'));
  const placed = volume(cropped.data, cropped.shape, unpadded.affine);
  const resized = sameShape(unpadded.shape, reordered.shape)
    ? placed
    : resize(placed, reordered.shape, interpolation);
  const onGrid = volume(resized.data, resized.shape, reordered.affine);
  const { data, shape } = toOrientation(onGrid, axisCodes(original.affine));
  if (!sameShape(shape.slice(1), spatialShape(original))) {
    throw new ShapeError(
      `patchInference: the result does not fit the scan. Got ${showShape(shape)} for ${showShape(original.shape)} [C,I,J,K] with the affine ${showShape(original.affine)}. Check the scan's header.`,
    );
  }
  return volume(data, shape, original.affine);
}

/** What a network says of a scan, on the scan's grid and with its affine; made when it is asked for. */
export interface ScanInference {
  /** Class of each voxel, [1, I, J, K]. */
  labels(): Volume;
  /** One probability per class, [C, I, J, K]; of a one-channel network, of the foreground alone. */
  probabilities(): Volume;
}

/**
 * The network over one scan: reorder to RAS+, resample, transform, pad, predict patch by patch. Labels
 * then take argmax and largest component, and both all the way back.
 *
 * @param image [Cin, I, J, K] as read from its file; not changed
 * @returns both results from one pass; labels are chosen on the network's grid, before the way back
 * @throws ShapeError if patch size or channels do not fit the network
 * @throws ConfigError for an axis of `tta` that does not exist
 * @throws GpuError for what went wrong on the GPU, and for an output that is not finite
 * @throws the signal's reason when it is aborted
 * @see fastMONAI PatchInferenceEngine
 */
export async function inferScan(
  gpu: Gpu,
  model: Module,
  image: Volume,
  options: Omit<PatchInferenceOptions, 'returnProbabilities'>,
): Promise<ScanInference> {
  const { config, weights, name = 'scan', onWarning } = options;
  const scan = preprocess({ name, image }, preprocessingOf(config));
  const input = scan.subject.image;
  if (!sameShape(spatialShape(input), scan.unpadded.shape)) {
    onWarning?.(
      `'${name}' is padded from ${showShape(scan.unpadded.shape)} to ${showShape(spatialShape(input))} voxels: it is smaller than the patch.`,
    );
  }
  const probabilities = await slidingWindow(gpu, model, input, {
    ...config,
    ...options,
    ...(weights ? { aggregationMode: aggregationModeOf(weights) } : {}),
  });
  const isBinary = probabilities.shape[0] <= 2;
  return {
    labels() {
      if (config.keepLargestComponent && !isBinary) {
        onWarning?.('keepLargestComponent is for binary segmentation: all components are kept.');
      }
      const labels = labelsOf(probabilities, config.binaryThreshold);
      const final = config.keepLargestComponent && isBinary ? largestComponentOf(labels) : labels;
      return toOriginalGrid(final, scan, image, 'nearest');
    },
    probabilities: () => toOriginalGrid(probabilities, scan, image, 'linear'),
  };
}

/**
 * Labels [1, I, J, K] or probabilities [C, I, J, K] on the grid of `image`, with its affine.
 *
 * @throws as `inferScan`
 * @see fastMONAI patch_inference
 */
export async function patchInference(
  gpu: Gpu,
  model: Module,
  image: Volume,
  options: PatchInferenceOptions,
): Promise<Volume> {
  const inference = await inferScan(gpu, model, image, options);
  return options.returnProbabilities ? inference.probabilities() : inference.labels();
}
