import type { Scope } from '../../src/gpu/scope.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { castForward } from '../../src/kernels/cast.ts';
import { roundToHalf } from '../../src/reference/cast.ts';
import { testGpu } from './gpu.ts';
import { randomArray } from './random.ts';

/** Half precision is optional: without it, its tests are skipped and this line says so. */
export const hasHalf = (await testGpu()).device.features.has('shader-f16');
if (!hasHalf) console.warn('no feature shader-f16 here: tests of half precision are skipped');

/** Rounding to 11 significant bits, and what a value below the smallest normal one may lose. */
export const HALF = { rtol: 2 ** -11, atol: 2 ** -14 };

/** Standard normal values that half precision holds exactly. */
export function randomHalves(shape: readonly number[], seed: number): Float32Array {
  return randomArray(shape, seed).map(roundToHalf);
}

/** A tensor of f16 holding `data`, rounded. */
export function uploadHalf(scope: Scope, data: Float32Array, shape: readonly number[]): Tensor {
  return castForward(scope, scope.upload(data, shape), 'f16');
}
