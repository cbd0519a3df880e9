/** Segmentation of one scan, back on the scan's own grid. */
import { ShapeError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import { axisCodes, toOrientation } from '../io/orientation.ts';
import type { Interpolation } from '../io/resample.ts';
import { spatialShape, type Volume, volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import { keepLargestComponent } from '../patch/largest_component.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import { type Preprocessed, preprocess, preprocessingOf } from '../patch/preprocessing.ts';
import { crop } from '../patch/transforms/crop_or_pad.ts';
import { toBounds } from '../patch/transforms/pad.ts';
import { resize } from '../patch/transforms/resize.ts';
import { product, sameShape, showShape } from '../shape.ts';
import { slidingWindow } from './sliding_window.ts';

export interface PatchInferenceOptions {
  /** Patch size, overlap, aggregation, preprocessing and postprocessing. */
  readonly config: PatchConfig;
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

/**
 * Labels [1, I, J, K] or probabilities [C, I, J, K] on the grid of `image`, with its affine:
 * reorder to RAS+, resample, transform, pad, predict patch by patch, argmax, largest component,
 * and all the way back.
 *
 * @param image [Cin, I, J, K] as read from its file; not changed
 * @throws ShapeError if patch size or channels do not fit the network
 * @throws GpuError for what went wrong on the GPU, and for an output that is not finite
 * @throws the signal's reason when it is aborted
 * @see fastMONAI patch_inference, PatchInferenceEngine
 */
export async function patchInference(
  gpu: Gpu,
  model: Module,
  image: Volume,
  options: PatchInferenceOptions,
): Promise<Volume> {
  const { config, returnProbabilities = false, name = 'scan', onWarning } = options;
  const scan = preprocess({ name, image }, preprocessingOf(config));
  const input = scan.subject.image;
  if (!sameShape(spatialShape(input), scan.unpadded.shape)) {
    onWarning?.(
      `'${name}' is padded from ${showShape(scan.unpadded.shape)} to ${showShape(spatialShape(input))} voxels: it is smaller than the patch.`,
    );
  }
  const probabilities = await slidingWindow(gpu, model, input, { ...config, ...options });
  if (returnProbabilities) return toOriginalGrid(probabilities, scan, image, 'linear');
  const labels = labelsOf(probabilities, config.binaryThreshold);
  const classes = Math.max(2, probabilities.shape[0]);
  if (config.keepLargestComponent && classes > 2) {
    onWarning?.('keepLargestComponent is for binary segmentation: all components are kept.');
  }
  const isKept = config.keepLargestComponent && classes === 2;
  const final = isKept ? largestComponentOf(labels) : labels;
  return toOriginalGrid(final, scan, image, 'nearest');
}
