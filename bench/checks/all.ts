/** Every op with its checks, and the sizes that they are made for. */
import { adamChecks } from './adam.check.ts';
import { addChecks } from './add.check.ts';
import { affineChecks } from './affine.check.ts';
import { aggregateChecks } from './aggregate.check.ts';
import { biasFieldChecks } from './bias_field.check.ts';
import { blurChecks } from './blur.check.ts';
import { castChecks } from './cast.check.ts';
import type { Check, VolumeShape } from './check.ts';
import { clipGradientsChecks } from './clip_gradients.check.ts';
import { concatChecks } from './concat.check.ts';
import { convTranspose3dChecks } from './conv_transpose3d.check.ts';
import { conv3dChecks } from './conv3d.check.ts';
import { crossEntropyChecks } from './cross_entropy.check.ts';
import { diceCeChecks } from './dice_ce.check.ts';
import { dropoutChecks } from './dropout.check.ts';
import { emaChecks } from './ema.check.ts';
import { fillChecks } from './fill.check.ts';
import { flipChecks } from './flip.check.ts';
import { gammaChecks } from './gamma.check.ts';
import { instanceNormChecks } from './instance_norm.check.ts';
import { instanceNormPreluChecks } from './instance_norm_prelu.check.ts';
import { noiseChecks } from './noise.check.ts';
import { nonFiniteChecks } from './non_finite.check.ts';
import { preluChecks } from './prelu.check.ts';
import { reluChecks } from './relu.check.ts';
import { sigmoidChecks } from './sigmoid.check.ts';
import { sliceChecks } from './slice.check.ts';
import { softmaxChecks } from './softmax.check.ts';
import { sumChecks } from './sum.check.ts';

/** The checks of an op on tensors like x. */
export type ChecksOf = (shape: VolumeShape) => Check[];

/** By op: first what a network is made of, then what trains it, then what prepares and ends a scan. */
export const CHECKS_OF: Readonly<Record<string, ChecksOf>> = {
  conv3d: conv3dChecks,
  conv_transpose3d: convTranspose3dChecks,
  instance_norm: instanceNormChecks,
  prelu: preluChecks,
  instance_norm_prelu: instanceNormPreluChecks,
  relu: reluChecks,
  add: addChecks,
  concat: concatChecks,
  slice: sliceChecks,
  dropout: dropoutChecks,
  softmax: softmaxChecks,
  sigmoid: sigmoidChecks,
  dice_ce: diceCeChecks,
  cross_entropy: crossEntropyChecks,
  sum: sumChecks,
  adam: adamChecks,
  ema: emaChecks,
  clip_gradients: clipGradientsChecks,
  non_finite: nonFiniteChecks,
  cast: castChecks,
  fill: fillChecks,
  affine: affineChecks,
  flip: flipChecks,
  blur: blurChecks,
  noise: noiseChecks,
  gamma: gammaChecks,
  bias_field: biasFieldChecks,
  aggregate: aggregateChecks,
};

/**
 * Sizes at which kernels go wrong: one voxel; one channel and odd sizes; primes and two samples;
 * flat; more channels than a tile; more voxels than a workgroup, divisible by 4 and not.
 */
export const ADVERSARIAL_SHAPES: readonly VolumeShape[] = [
  [1, 1, 1, 1, 1],
  [1, 1, 5, 7, 9],
  [2, 3, 7, 5, 11],
  [2, 2, 1, 1, 13],
  [1, 17, 3, 4, 6],
  [1, 2, 17, 19, 23],
];

/** Every check of every op on every adversarial shape, op by op. */
export function allChecks(): Check[] {
  return Object.values(CHECKS_OF).flatMap((checksOf) => ADVERSARIAL_SHAPES.flatMap(checksOf));
}

/** Every op in single precision on one awkward size: what a first look at an adapter has time for. */
export function quickChecks(): Check[] {
  const shape: VolumeShape = [2, 3, 7, 5, 11];
  return Object.values(CHECKS_OF)
    .flatMap((checksOf) => checksOf(shape))
    .map((check) => ({ ...check, half: false }));
}
