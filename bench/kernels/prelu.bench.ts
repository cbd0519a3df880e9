/** prelu with one slope, after each kind of convolution. */
import { preluBackward, preluForward } from '../../src/kernels/prelu.ts';
import * as reference from '../../src/reference/prelu.ts';
import { product } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';
import type { Layer } from '../layers.ts';
import { activations, elementwiseCase } from './elementwise.ts';

const SLOPE = Float32Array.of(0.25);

export function preluCases(layers: readonly Layer[], batch: number): BenchCase[] {
  const op = 'prelu';
  return activations(layers).flatMap((activation) => [
    elementwiseCase(
      activation,
      { op, pass: 'forward', batch, tensors: 2 },
      (scope, shape, sizes) => {
        const values = noise(product(shape), 1);
        const [x, weight] = [scope.upload(values, shape), scope.upload(SLOPE, [1])];
        return {
          expected: async () => [reference.preluForward(values, SLOPE, sizes)],
          variants: { shipped: (inner) => [preluForward(inner, x, weight)] },
        };
      },
    ),
    elementwiseCase(
      activation,
      { op, pass: 'backward', batch, tensors: 3 },
      (scope, shape, sizes) => {
        const [values, slopes] = [noise(product(shape), 1), noise(product(shape), 2)];
        const [x, dy] = [scope.upload(values, shape), scope.upload(slopes, shape)];
        const weight = scope.upload(SLOPE, [1]);
        return {
          expected: async () => {
            const { dx, dweight } = reference.preluBackward(values, SLOPE, slopes, sizes);
            return [dx, dweight];
          },
          variants: {
            shipped: (inner) => {
              const { dx, dweight } = preluBackward(inner, x, weight, dy);
              return [dx, dweight];
            },
          },
        };
      },
    ),
  ]);
}
