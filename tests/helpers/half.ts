import { expect } from 'vitest';
import type { Scope } from '../../src/gpu/scope.ts';
import type { ScalarType } from '../../src/gpu/shader.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { castForward } from '../../src/kernels/cast.ts';
import { roundToHalf } from '../../src/reference/cast.ts';
import { expectClose } from './close.ts';
import { testGpu } from './gpu.ts';
import { randomArray } from './random.ts';

/** Half precision is optional: without it, its tests are skipped and this line says so. */
export const hasHalf = (await testGpu()).device.features.has('shader-f16');
if (!hasHalf) console.warn('no feature shader-f16 here: tests of half precision are skipped');

/** Half a unit of 11 significant bits, and a little for the order of sums in f32. */
export const HALF = { rtol: 1.01 * 2 ** -11, atol: 2 ** -14 };

/** Standard normal values that half precision holds exactly. */
export function randomHalves(shape: readonly number[], seed: number): Float32Array {
  return randomArray(shape, seed).map(roundToHalf);
}

/** A tensor of f16 holding `data`, rounded. */
export function uploadHalf(scope: Scope, data: Float32Array, shape: readonly number[]): Tensor {
  return castForward(scope, scope.upload(data, shape), 'f16');
}

export interface HalfComparison {
  /** Shapes of the tensors that are stored in half precision; their values are standard normal. */
  readonly shapes: readonly (readonly number[])[];
  /** Results: of f16 if they are activations, of f32 if they belong to parameters. */
  readonly run: (scope: Scope, tensors: readonly Tensor[]) => readonly Tensor[];
  /** Of each result in the second run. */
  readonly dtypes: readonly ScalarType[];
}

/**
 * Runs an op twice on the same values, stored in f32 and in f16: its sums are those of f32, so the
 * results differ by the rounding of what is stored.
 */
export async function expectHalf({ shapes, run, dtypes }: HalfComparison): Promise<void> {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const data = shapes.map((shape, n) => randomHalves(shape, n + 1));
  const full = run(
    scope,
    shapes.map((shape, n) => scope.upload(data[n]!, shape)),
  );
  const half = run(
    scope,
    shapes.map((shape, n) => uploadHalf(scope, data[n]!, shape)),
  );
  expect(half.map(({ dtype }) => dtype)).toEqual(dtypes);
  for (const [n, tensor] of full.entries()) {
    const { shape } = tensor;
    const bounds = dtypes[n] === 'f16' ? HALF : { rtol: 1e-5, atol: 1e-6 };
    expectClose(await gpu.read(half[n]!), await gpu.read(tensor), { ...bounds, shape });
  }
}
