/** instance_norm after each kind of convolution. */
import { instanceNormBackward, instanceNormForward } from '../../src/kernels/instance_norm.ts';
import * as reference from '../../src/reference/instance_norm.ts';
import { product } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';
import type { Layer } from '../layers.ts';
import { activations, elementwiseCase } from './elementwise.ts';

const eps = 1e-5;

export function instanceNormCases(layers: readonly Layer[], batch: number): BenchCase[] {
  const op = 'instance_norm';
  return activations(layers).flatMap((activation) => [
    elementwiseCase(
      activation,
      { op, pass: 'forward', batch, tensors: 2 },
      (scope, shape, sizes) => {
        const values = noise(product(shape), 1);
        const x = scope.upload(values, shape, 'bench.x');
        return {
          expected: async () => [
            reference.instanceNormForward(values, null, null, { ...sizes, eps }),
          ],
          variants: { shipped: (inner) => [instanceNormForward(inner, x, null, null, eps).y] },
        };
      },
    ),
    elementwiseCase(
      activation,
      { op, pass: 'backward', batch, tensors: 3 },
      (scope, shape, sizes) => {
        const [values, slopes] = [noise(product(shape), 1), noise(product(shape), 2)];
        const [x, dy] = [scope.upload(values, shape), scope.upload(slopes, shape)];
        const saved = instanceNormForward(scope, x, null, null, eps);
        return {
          expected: async () => [
            reference.instanceNormBackward(values, null, slopes, { ...sizes, eps }).dx,
          ],
          variants: { shipped: (inner) => [instanceNormBackward(inner, x, saved, null, dy).dx] },
        };
      },
    ),
  ]);
}
