/** add in place, the sum of residuals and of gradients. Its gradient is dy itself: nothing to time. */
import { addInPlace } from '../../src/kernels/add.ts';
import * as reference from '../../src/reference/add.ts';
import { product } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';
import type { Layer } from '../layers.ts';
import { activations, elementwiseCase } from './elementwise.ts';

export function addCases(layers: readonly Layer[], batch: number): BenchCase[] {
  return activations(layers).map((activation) =>
    elementwiseCase(
      activation,
      { op: 'add', pass: 'forward', batch, tensors: 3 },
      (scope, shape) => {
        const [left, right] = [noise(product(shape), 1), noise(product(shape), 2)];
        const [a, b] = [scope.upload(left, shape), scope.upload(right, shape)];
        return {
          inPlace: true,
          expected: async () => [reference.addForward(left, right)],
          variants: {
            shipped: (inner) => {
              addInPlace(inner, a, b);
              return [a];
            },
          },
        };
      },
    ),
  );
}
