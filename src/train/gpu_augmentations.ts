/** Which transforms have GPU ops, and how their parameters become those of a batch. */
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { identityAffine } from '../io/affine.ts';
import { affineForward } from '../kernels/affine.ts';
import { biasFieldInPlace } from '../kernels/bias_field.ts';
import { blurForward } from '../kernels/blur.ts';
import { flipInPlace } from '../kernels/flip.ts';
import { gammaInPlace } from '../kernels/gamma.ts';
import { noiseInPlace } from '../kernels/noise.ts';
import { drawnName } from '../patch/deferred.ts';
import { type AffineSettings, type Motion, sourceIndices } from '../patch/transforms/affine.ts';
import { coefficientCount } from '../patch/transforms/bias_field.ts';
import { gaussianRadius } from '../patch/transforms/blur.ts';
import type { Transform, TransformSpec } from '../patch/transforms/transform.ts';
import type { Triple } from '../shape.ts';

type Params = TransformSpec['params'];

/** A batch on the GPU. */
export interface BatchTensors {
  /** [N, C, I, J, K] of f32 */
  readonly image: Tensor;
  /** Class indices [N, 1, I, J, K] of u32 */
  readonly target: Tensor;
}

/**
 * Uploads parameters, null for samples that stay as they are, and gives what will apply them. That
 * releases the parameters and what it replaces of the batch.
 */
type Stage = (
  scope: Scope,
  imageShape: readonly number[],
  samples: readonly (Params | null)[],
) => (batch: BatchTensors) => BatchTensors;

/** Numbers of all samples, one row after the other. */
function rows<P>(
  samples: readonly (Params | null)[],
  row: (params: P) => readonly number[],
  unchanged: readonly number[],
): number[] {
  return samples.flatMap((params) => (params ? row(params as P) : unchanged));
}

/** The first sample's: of one transform, settings that are not drawn are the same for all. */
function settingOf<T>(samples: readonly (Params | null)[], name: string): T {
  return samples.find((params) => params !== null)![name] as T;
}

const affine: Stage = (scope, imageShape, samples) => {
  const [count, ...shape] = imageShape;
  const grid = { shape: shape as [number, number, number, number], affine: identityAffine() };
  const motionOf = (params: Motion & Required<AffineSettings>): readonly number[] =>
    sourceIndices(grid, params, params.center).slice(0, 12);
  const motions = scope.upload(
    Float32Array.from(rows(samples, motionOf, identityAffine().slice(0, 12))),
    [count!, 3, 4],
    'motions',
  );
  const outside = settingOf<number>(samples, 'defaultPadValue');
  return ({ image, target }) => {
    const { y, moved } = affineForward(scope, image, target, motions, outside);
    for (const tensor of [image, target, motions]) scope.release(tensor);
    return { image: y, target: moved };
  };
};

const flip: Stage = (scope, [count], samples) => {
  const bits = rows(
    samples,
    ({ axes }: { axes: readonly number[] }) => [axes.reduce((all, axis) => all | (1 << axis), 0)],
    [0],
  );
  const axes = scope.upload(Uint32Array.from(bits), [count!], 'axes');
  return (batch) => {
    flipInPlace(scope, batch.image, axes);
    flipInPlace(scope, batch.target, axes);
    scope.release(axes);
    return batch;
  };
};

const gamma: Stage = (scope, [count, channels], samples) => {
  const ofChannels = (exponents: readonly number[]): number[] =>
    Array.from({ length: channels! }, (_, channel) => exponents[channel] ?? exponents[0]!);
  const values = rows(
    samples,
    (params: { gamma: number | readonly number[] }) => ofChannels([params.gamma].flat()),
    ofChannels([1]),
  );
  const exponents = scope.upload(Float32Array.from(values), [count!, channels!], 'exponents');
  return (batch) => {
    gammaInPlace(scope, batch.image, exponents);
    scope.release(exponents);
    return batch;
  };
};

const biasField: Stage = (scope, [count], samples) => {
  const order = settingOf<number>(samples, 'order');
  const terms = coefficientCount(order);
  const values = rows(
    samples,
    (params: { coefficients: readonly number[] }) => params.coefficients,
    new Array<number>(terms).fill(0),
  );
  const coefficients = scope.upload(Float32Array.from(values), [count!, terms], 'coefficients');
  return (batch) => {
    biasFieldInPlace(scope, batch.image, coefficients, order);
    scope.release(coefficients);
    return batch;
  };
};

const blur: Stage = (scope, [count], samples) => {
  const kernelOf = (sigma: number): number[] =>
    sigma > 0 ? [gaussianRadius(sigma), Math.exp(-0.5 / sigma ** 2)] : [0, 0];
  const values = rows(
    samples,
    ({ std }: { std: Triple }) => std.flatMap(kernelOf),
    [0, 0, 0, 0, 0, 0],
  );
  const kernels = scope.upload(Float32Array.from(values), [count!, 3, 2], 'kernels');
  return ({ image, target }) => {
    const blurred = blurForward(scope, image, kernels);
    for (const tensor of [image, kernels]) scope.release(tensor);
    return { image: blurred, target };
  };
};

const noise: Stage = (scope, [count], samples) => {
  interface Drawn {
    readonly mean: number;
    readonly std: number;
    readonly seed: readonly number[];
  }
  const numbers = rows(samples, ({ mean, std }: Drawn) => [mean, std], [0, 0]);
  const words = rows(samples, ({ seed }: Drawn) => seed, [0, 0]);
  const moments = scope.upload(Float32Array.from(numbers), [count!, 2], 'moments');
  const keys = scope.upload(Uint32Array.from(words), [count!, 2], 'keys');
  return (batch) => {
    noiseInPlace(scope, batch.image, moments, keys);
    for (const tensor of [moments, keys]) scope.release(tensor);
    return batch;
  };
};

interface GpuTransform {
  readonly stage: Stage;
  /** Parameters of the kind that are drawn, for a run that counts and computes nothing. */
  readonly example: Params;
}

/** By the name of the transform without chance. */
export const GPU_TRANSFORMS: ReadonlyMap<string, GpuTransform> = new Map<string, GpuTransform>([
  [
    'Affine',
    {
      stage: affine,
      example: {
        scales: [1, 1, 1],
        degrees: [0, 0, 0],
        translation: [0, 0, 0],
        center: 'image',
        defaultPadValue: 0,
      },
    },
  ],
  ['Flip', { stage: flip, example: { axes: [0] } }],
  ['Gamma', { stage: gamma, example: { gamma: 1 } }],
  ['BiasField', { stage: biasField, example: { coefficients: new Array(20).fill(0), order: 3 } }],
  ['Blur', { stage: blur, example: { std: [0, 0, 0] } }],
  ['Noise', { stage: noise, example: { mean: 0, std: 0, seed: [0, 0] } }],
]);

/**
 * Whether batches can go through a transform on the GPU: those above, a motion that interpolates
 * images linearly and labels by the nearest voxel, around a given value, and a flip of voxel axes.
 */
export function hasGpuOp({ name, params, draw }: Transform): boolean {
  if (!GPU_TRANSFORMS.has(drawnName({ name, params }))) return false;
  if (name.startsWith('Random') !== (draw !== undefined)) return false;
  if (name === 'Flip') {
    return (params.axes as readonly unknown[]).every((axis) => typeof axis === 'number');
  }
  if (drawnName({ name, params }) !== 'Affine') return true;
  const { imageInterpolation, labelInterpolation, defaultPadValue } = params;
  return (
    imageInterpolation === 'linear' &&
    labelInterpolation === 'nearest' &&
    typeof defaultPadValue === 'number'
  );
}

/** What batches go through on the GPU: names of `AugmentationStage`. */
export function gpuStageNames(transforms: readonly Transform[]): string[] {
  return splitAugmentations(transforms).deferred.map(drawnName);
}

/** The list in two: what runs before batches are made, and its end, all of which has GPU ops. */
export function splitAugmentations(transforms: readonly Transform[]): {
  readonly transforms: readonly Transform[];
  readonly deferred: readonly Transform[];
} {
  let first = transforms.length;
  while (first > 0 && hasGpuOp(transforms[first - 1]!)) first--;
  return { transforms: transforms.slice(0, first), deferred: transforms.slice(first) };
}
