/** Transforms of patches that are drawn where patches are cut, and applied where batches are used. */
import { identityAffine } from '../io/affine.ts';
import { volume } from '../io/volume.ts';
import { Rng } from '../rng.ts';
import { product, sameShape } from '../shape.ts';
import type { CutPatch } from './epoch_reader.ts';
import type { Subject } from './subject.ts';
import { transformFromSpec } from './transforms/from_spec.ts';
import type { Transform, TransformSpec } from './transforms/transform.ts';

/** One transform of a batch with what was drawn for each sample. Plain data, which can be cloned. */
export interface AugmentationStage {
  /** Of the transform without chance, e.g. `Affine` of `RandomAffine`. */
  readonly name: string;
  /** Its parameters for each sample; null where chance decided for no change. */
  readonly samples: readonly (TransformSpec['params'] | null)[];
}

/** A patch, and what is still to be done to it. */
export interface AugmentedPatch extends CutPatch {
  /** One entry per deferred transform. */
  readonly drawn: readonly (TransformSpec['params'] | null)[];
}

/** Name of what a transform draws: its own without `Random`. */
export function drawnName({ name }: TransformSpec): string {
  return name.replace(/^Random/, '');
}

/**
 * Applies `transforms` and draws `deferred`, each from a stream of its own, so that a transform's
 * place in the list decides its random numbers and not where it runs.
 *
 * Deferred parameters are meant for an identity affine, on which patches are cut. A patch that a
 * transform has given another one is changed at once.
 */
export function augmentPatch(
  cut: CutPatch,
  transforms: readonly Transform[],
  deferred: readonly Transform[],
  rng: Rng,
): AugmentedPatch {
  let patch = transforms.reduce(
    (subject, transform, n) => transform.apply(subject, rng.fold(n)),
    cut.patch,
  );
  const canWait = sameShape(patch.image.affine, identityAffine());
  const drawn = deferred.map((transform, n) => {
    const stream = rng.fold(transforms.length + n);
    const chosen = transform.draw ? transform.draw(patch.image, stream) : transform;
    if (canWait) return chosen?.params ?? null;
    patch = chosen?.apply(patch, stream) ?? patch;
    return null;
  });
  return { ...cut, patch, drawn };
}

/** What `augmentPatch` drew for the patches of a batch, transform by transform. */
export function stagesOf(
  deferred: readonly Transform[],
  drawn: readonly AugmentedPatch['drawn'][],
): AugmentationStage[] {
  return deferred.map((transform, n) => ({
    name: drawnName(transform),
    samples: drawn.map((ofPatch) => ofPatch[n]!),
  }));
}

/** Image and labels of a batch, [N, C, I, J, K] and [N, 1, I, J, K]. */
export interface BatchArrays {
  readonly image: Float32Array;
  readonly imageShape: readonly number[];
  readonly label: Uint32Array;
}

/**
 * The stages applied without a GPU, by the transforms themselves.
 *
 * @returns new arrays
 * @throws ConfigError for a stage that is no transform
 */
export function applyStages(
  { image, imageShape, label }: BatchArrays,
  stages: readonly AugmentationStage[],
): Pick<BatchArrays, 'image' | 'label'> {
  const [samples, ...shape] = imageShape;
  const size = product(shape);
  const voxels = product(shape.slice(1));
  const images = new Float32Array(image.length);
  const labels = new Uint32Array(label.length);
  for (let n = 0; n < samples!; n++) {
    const affine = identityAffine();
    const classes = Float32Array.from(label.subarray(n * voxels, (n + 1) * voxels));
    let subject: Subject = {
      name: `sample ${n}`,
      image: volume(image.slice(n * size, (n + 1) * size), shape, affine),
      label: volume(classes, [1, ...shape.slice(1)], affine),
    };
    for (const { name, samples: drawn } of stages) {
      const params = drawn[n];
      // Nothing is left to chance: the stream is never asked.
      if (params) subject = transformFromSpec({ name, params }).apply(subject, Rng.seed(0));
    }
    images.set(subject.image.data, n * size);
    labels.set(subject.label!.data, n * voxels);
  }
  return { image: images, label: labels };
}
