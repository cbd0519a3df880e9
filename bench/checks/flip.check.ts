/** flip of images and of labels: other axes for each sample, every value kept. */
import { flipInPlace } from '../../src/kernels/flip.ts';
import * as reference from '../../src/reference/flip.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function flipChecks(shape: VolumeShape): Check[] {
  const [samples, , ...size] = shape;
  /** Bit a of a sample: flip its axis a. */
  const axes = Array.from({ length: samples }, (_, n) => [5, 2][n % 2]!);
  return [
    check({ op: 'flip', pass: 'in_place', shape, tolerance: 0 }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      const flipped = inputs.words([samples], axes).tensor;
      return {
        run: (scope) => {
          flipInPlace(scope, x.tensor, flipped);
          return [x.tensor];
        },
        expected: () => [reference.flipInPlace(x.values, shape, axes)],
      };
    }),
    check({ op: 'flip', pass: 'in_place_labels', shape, tolerance: 0 }, (inputs) => {
      const labels = inputs.labels(shape, 5);
      const flipped = inputs.words([samples], axes).tensor;
      return {
        run: (scope) => {
          flipInPlace(scope, labels.tensor, flipped);
          return [labels.tensor];
        },
        expected: () => [reference.flipInPlace(labels.values, [samples, 1, ...size], axes)],
      };
    }),
  ];
}
