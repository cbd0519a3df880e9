import { Rng } from '../../src/rng.ts';
import { product } from '../../src/shape.ts';

/** Standard normal values, the same for the same seed. */
export function randomArray(shape: readonly number[], seed: number): Float32Array {
  const rng = Rng.seed(seed);
  return Float32Array.from({ length: product(shape) }, () => rng.normal());
}
