/**
 * One thing to verify: a pass of an op on tensors of one size, against the plain loops. What
 * `voxgrad doctor` and the kernel lab run; the lab times it too.
 */
import type { Scope } from '../../src/gpu/scope.ts';
import type { Precision } from '../../src/gpu/shader.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { castForward } from '../../src/kernels/cast.ts';
import { noise } from '../../src/kernels/tuning/noise.ts';
import { castForward as roundedToHalf } from '../../src/reference/cast.ts';
import { product } from '../../src/shape.ts';
import type { Launch } from '../case.ts';

/** [N, C, D, H, W] */
export type VolumeShape = readonly [number, number, number, number, number];

/** A tensor of the GPU and the values that it holds. */
export interface Known<T extends Float32Array | Uint32Array = Float32Array> {
  readonly values: T;
  readonly tensor: Tensor;
}

/** Makes the inputs of one trial and counts their bytes. Tensors belong to `scope`. */
export class Inputs {
  readonly scope: Scope;
  private readonly precision: Precision;
  /** Of all inputs so far. */
  bytes = 0;

  /** @param precision of activations; parameters are f32 always */
  constructor(scope: Scope, precision: Precision = 'f32') {
    this.scope = scope;
    this.precision = precision;
  }

  /** Random values; in half precision those that it can hold. */
  activation(shape: readonly number[], seed: number): Known {
    const known = this.parameter(shape, noise(product(shape), seed));
    if (this.precision === 'f32') return known;
    this.bytes -= known.tensor.bytes / 2;
    const tensor = castForward(this.scope, known.tensor, 'f16');
    return { values: roundedToHalf(known.values), tensor };
  }

  /** @param values or the seed of random ones */
  parameter(shape: readonly number[], values: Float32Array | number): Known {
    const data = typeof values === 'number' ? noise(product(shape), values) : values;
    return this.upload(data, shape);
  }

  /** Labels 0 ... `classes` - 1, all of them where there is room. */
  labels([batch, , ...size]: VolumeShape, classes: number): Known<Uint32Array> {
    const shape = [batch, 1, ...size];
    return this.upload(
      Uint32Array.from({ length: product(shape) }, (_, n) => (n * 7) % classes),
      shape,
    );
  }

  words(shape: readonly number[], values: readonly number[]): Known<Uint32Array> {
    return this.upload(Uint32Array.from(values), shape);
  }

  private upload<T extends Float32Array | Uint32Array>(
    values: T,
    shape: readonly number[],
  ): Known<T> {
    const tensor = this.scope.upload(values, shape, 'check');
    this.bytes += tensor.bytes;
    // A kernel that works in place must not change what the reference starts from.
    return { values: values.slice() as T, tensor };
  }
}

export interface Trial {
  /** By name; `shipped` is what the library runs, `naive` the readable kernel where there is one. */
  readonly variants: { readonly shipped: Launch; readonly [name: string]: Launch };
  /** By the plain loops, in the order of a launch's results. */
  readonly expected: () => readonly ArrayLike<number>[];
}

export interface Check {
  /** As in file names. */
  readonly op: string;
  readonly pass: string;
  /** Sizes, and what else tells it from others of its pass. */
  readonly title: string;
  /** Largest difference as a part of the largest expected value. */
  readonly tolerance: number;
  /** Activations may be stored in half precision. */
  readonly half: boolean;
  /** Left out where the adapter has not this optional feature. */
  readonly needs?: GPUFeatureName;
  /** Multiplications and additions, where they are what takes the time; otherwise 0. */
  readonly flops: number;
  readonly setUp: (inputs: Inputs) => Trial;
}

/** Float32 sums of a few hundred products. */
const TOLERANCE = 1e-5;

/** A check with the usual tolerance, of an op without kernels to choose from. */
export function check(
  {
    op,
    pass,
    shape,
    ...others
  }: Pick<Check, 'op' | 'pass'> & Partial<Check> & { readonly shape: readonly number[] },
  setUp: (inputs: Inputs) => { readonly run: Launch; readonly expected: Trial['expected'] },
): Check {
  return {
    op,
    pass,
    title: shape.join('x'),
    tolerance: TOLERANCE,
    half: false,
    flops: 0,
    ...others,
    setUp: (inputs) => {
      const { run, expected } = setUp(inputs);
      return { variants: { shipped: run }, expected };
    },
  };
}

export const voxelsOf = ([, , ...size]: VolumeShape): number => product(size);
