/**
 * What happens to a scan before patches are cut. Training and inference take one and the same
 * value, which is stored with the model, so they cannot differ.
 */
import { ConfigError } from '../errors.ts';
import { spacingOf } from '../io/affine.ts';
import { type Affine, spatialShape, type Volume } from '../io/volume.ts';
import { Rng } from '../rng.ts';
import { sameShape, type Triple } from '../shape.ts';
import type { PatchConfig } from './patch_config.ts';
import type { Subject } from './subject.ts';
import { copyAffine } from './transforms/copy_affine.ts';
import { cropOrPadBounds } from './transforms/crop_or_pad.ts';
import { transformFromSpec } from './transforms/from_spec.ts';
import { type PaddingMode, pad } from './transforms/pad.ts';
import { resampleTransform } from './transforms/resample.ts';
import { toCanonicalTransform } from './transforms/to_canonical.ts';
import type { Transform, TransformSpec } from './transforms/transform.ts';

export interface Preprocessing {
  /** Bring the axes to RAS+. */
  readonly applyReorder: boolean;
  /** Millimetres per voxel; null keeps each volume's own. */
  readonly targetSpacing: Triple | null;
  /** Applied in order after resampling; none may be random. */
  readonly transforms: readonly TransformSpec[];
  /** Smaller volumes are padded to this, the patch size; null: no padding. */
  readonly minimumSize: Triple | null;
  readonly paddingMode: PaddingMode;
}

/** Voxels `[I,J,K]` and where they are. */
export interface Grid {
  readonly shape: Triple;
  readonly affine: Affine;
}

/** A preprocessed subject and what is needed to bring a prediction back to the scan's own grid. */
export interface Preprocessed {
  readonly subject: Subject;
  /** After reordering, before resampling. */
  readonly reordered: Grid;
  /** After all but padding. */
  readonly unpadded: Grid;
  /** Voxels of padding before the first voxel of `unpadded`. */
  readonly padStart: Triple;
}

/** What a configuration asks for at inference. */
export function preprocessingOf(config: PatchConfig): Preprocessing {
  return {
    applyReorder: config.applyReorder,
    targetSpacing: config.targetSpacing,
    transforms: config.normalization ?? [],
    minimumSize: config.patchSize,
    paddingMode: config.paddingMode,
  };
}

/** The same for training, which takes files of a `preprocessed` data set as they are, but for padding. */
export function trainingPreprocessingOf(config: PatchConfig): Preprocessing {
  const full = preprocessingOf(config);
  if (!config.preprocessed) return full;
  return { ...full, applyReorder: false, targetSpacing: null, transforms: [] };
}

/**
 * Is resampling unnecessary? Where the spacing is the target within numpy.allclose's tolerance, or
 * where the target is the spacing rounded to 4 decimals, as data set summaries give it (unless
 * that moves voxels visibly, as it may below a tenth of a millimetre).
 *
 * Differs from fastMONAI: the rounding, and that training and inference ask the same question.
 * There, a volume a hair finer than its own rounded spacing loses a slice in training alone.
 */
export function isTargetSpacing(spacing: Triple, target: Triple): boolean {
  return spacing.every((size, axis) => {
    const wanted = target[axis]!;
    const rounding = Math.min(0.5001e-4, 5e-4 * wanted);
    return Math.abs(size - wanted) <= Math.max(1e-8 + 1e-5 * wanted, rounding);
  });
}

const gridOf = (v: Volume): Grid => ({ shape: spatialShape(v), affine: v.affine });

/** A value or statistic of the image means nothing in a label map: its padding is background. */
function labelPadding(mode: PaddingMode): PaddingMode {
  return mode === 'edge' || mode === 'reflect' || mode === 'symmetric' || mode === 'wrap'
    ? mode
    : 0;
}

function padToMinimum(subject: Subject, minimum: Triple | null, mode: PaddingMode) {
  const shape = spatialShape(subject.image);
  const target = shape.map((size, axis) =>
    Math.max(size, minimum?.[axis] ?? 0),
  ) as unknown as Triple;
  if (sameShape(shape, target)) return { subject, padStart: [0, 0, 0] as const };
  const { padding } = cropOrPadBounds(shape, target);
  const image = pad(subject.image, padding, mode);
  const { label } = subject;
  return {
    subject: label
      ? { ...subject, image, label: pad(label, padding, labelPadding(mode)) }
      : { ...subject, image },
    padStart: [padding[0], padding[2], padding[4]] as const,
  };
}

/**
 * The transforms of a preprocessing, built.
 *
 * @throws ConfigError for a random or unknown transform, and whatever the transforms refuse
 */
export function preprocessingTransforms(specs: readonly TransformSpec[]): Transform[] {
  const random = specs.find(({ name }) => name.startsWith('Random'));
  if (random) {
    throw new ConfigError(
      `preprocess: a random transform. Got '${random.name}'. Preprocessing must give the same result every time: use it as an augmentation.`,
    );
  }
  return specs.map(transformFromSpec);
}

/**
 * Reorder, resample, transform, pad: in this order. The label map follows the image (nearest
 * neighbour, image's affine).
 *
 * @throws ConfigError for a random or unknown transform
 * @throws ShapeError  if image and label map differ in size
 * @see fastMONAI MedPatchDataLoaders.from_df and PatchInferenceEngine
 * Differs from fastMONAI: training pads small volumes too, as its documentation says.
 */
export function preprocess(subject: Subject, preprocessing: Preprocessing): Preprocessed {
  const { applyReorder, targetSpacing, transforms, minimumSize, paddingMode } = preprocessing;
  const steps = preprocessingTransforms(transforms);
  // No transform here draws random numbers.
  const rng = Rng.seed(0);
  let current = copyAffine().apply(subject, rng);
  if (applyReorder) current = toCanonicalTransform().apply(current, rng);
  const reordered = gridOf(current.image);
  if (targetSpacing && !isTargetSpacing(spacingOf(reordered.affine), targetSpacing)) {
    current = resampleTransform({ spacing: targetSpacing }).apply(current, rng);
  }
  for (const step of steps) current = step.apply(current, rng);
  const unpadded = gridOf(current.image);
  return { reordered, unpadded, ...padToMinimum(current, minimumSize, paddingMode) };
}
