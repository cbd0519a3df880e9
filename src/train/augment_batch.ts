/** Augmentation of a batch on the GPU, before its forward pass. */

import { ConfigError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { AugmentationStage } from '../patch/deferred.ts';
import type { Batch } from './batch.ts';
import { type BatchTensors, GPU_TRANSFORMS } from './gpu_augmentations.ts';

function gpuTransform(name: string) {
  const found = GPU_TRANSFORMS.get(name);
  if (found) return found;
  throw new ConfigError(
    `augmentBatch: there is no GPU op of this transform. Got '${name}'. Use one of ${[...GPU_TRANSFORMS.keys()].join(', ')}, or apply it on the CPU.`,
  );
}

/**
 * Image and labels after all stages, in order; a stage that changes no sample costs nothing. The
 * same as the transforms give on the CPU, to the precision of f32: a label may differ where the
 * position that it is taken from is half-way between voxels.
 *
 * @param batch owned by `scope`, which may release it
 * @returns tensors owned by `scope`
 * @throws ConfigError for a stage without a GPU op, ShapeError for parameters that do not fit
 */
export function augmentBatch(
  scope: Scope,
  batch: BatchTensors,
  stages: readonly AugmentationStage[],
): BatchTensors {
  // All uploads come before the first kernel: each one ends a submission.
  const applied = stages
    .filter(({ samples }) => samples.some((params) => params !== null))
    .map(({ name, samples }) => gpuTransform(name).stage(scope, batch.image.shape, samples));
  return applied.reduce((current, apply) => apply(current), batch);
}

/**
 * A training batch on the GPU, augmented.
 *
 * @returns tensors owned by `scope`
 * @throws as `augmentBatch`
 */
export function uploadBatch(scope: Scope, batch: Batch): BatchTensors {
  const image = scope.upload(batch.image, batch.imageShape, 'image');
  const target = scope.upload(batch.label, batch.labelShape, 'label');
  return augmentBatch(scope, { image, target }, batch.augmentations ?? []);
}

/** Stages of these names that change every sample, for a run that counts and computes nothing. */
export function exampleStages(names: readonly string[], samples: number): AugmentationStage[] {
  return names.map((name) => ({
    name,
    samples: new Array(samples).fill(gpuTransform(name).example),
  }));
}
