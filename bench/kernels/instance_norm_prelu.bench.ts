/** instance_norm_prelu, with the residual sum, after each kind of convolution. */
import {
  instanceNormPreluBackward,
  instanceNormPreluForward,
} from '../../src/kernels/instance_norm_prelu.ts';
import * as reference from '../../src/reference/instance_norm_prelu.ts';
import { product } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';
import type { Layer } from '../layers.ts';
import { activations, elementwiseCase } from './elementwise.ts';

const eps = 1e-5;
const SLOPE = Float32Array.of(0.25);

export function instanceNormPreluCases(layers: readonly Layer[], batch: number): BenchCase[] {
  const op = 'instance_norm_prelu';
  return activations(layers).flatMap((activation) => [
    elementwiseCase(
      activation,
      { op, pass: 'forward', batch, tensors: 3 },
      (scope, shape, sizes) => {
        const [values, sums] = [noise(product(shape), 1), noise(product(shape), 2)];
        const [x, residual] = [scope.upload(values, shape), scope.upload(sums, shape)];
        const slope = scope.upload(SLOPE, [1]);
        return {
          expected: async () => [
            reference.instanceNormPreluForward(values, SLOPE, sums, { ...sizes, eps }),
          ],
          variants: {
            shipped: (inner) => [instanceNormPreluForward(inner, x, slope, residual, eps).y],
          },
        };
      },
    ),
    elementwiseCase(
      activation,
      { op, pass: 'backward', batch, tensors: 3 },
      (scope, shape, sizes) => {
        const [values, slopes] = [noise(product(shape), 1), noise(product(shape), 2)];
        const [x, dy] = [scope.upload(values, shape), scope.upload(slopes, shape)];
        const slope = scope.upload(SLOPE, [1]);
        const saved = instanceNormPreluForward(scope, x, slope, null, eps);
        return {
          expected: async () => {
            const { dx, dslope } = reference.instanceNormPreluBackward(values, SLOPE, slopes, {
              ...sizes,
              eps,
            });
            return [dx, dslope];
          },
          variants: {
            shipped: (inner) => {
              const { dx, dslope } = instanceNormPreluBackward(inner, x, saved, slope, dy);
              return [dx, dslope];
            },
          },
        };
      },
    ),
  ]);
}
