/** affine: a motion that turns, scales and leaves the volume; no position is within 3e-5 of a tie of labels. */
import { affineForward } from '../../src/kernels/affine.ts';
import * as reference from '../../src/reference/affine.ts';
import { type Check, check, type VolumeShape } from './check.ts';

const OBLIQUE = [
  0.8313, -0.3127, 0.1131, 0.37173, 0.2911, 0.9133, -0.1719, -0.13273, -0.0713, 0.1931, 1.2117,
  0.23193,
];
const OUTSIDE = -1.5;

export function affineChecks(shape: VolumeShape): Check[] {
  const [samples] = shape;
  return [
    check({ op: 'affine', pass: 'forward', shape }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      const labels = inputs.labels(shape, 5);
      const motions = inputs.parameter(
        [samples, 3, 4],
        Float32Array.from({ length: 12 * samples }, (_, n) => OBLIQUE[n % 12]!),
      );
      return {
        run: (scope) => {
          const { y, moved } = affineForward(
            scope,
            x.tensor,
            labels.tensor,
            motions.tensor,
            OUTSIDE,
          );
          return [y, moved];
        },
        expected: () => {
          const { y, moved } = reference.affineForward(
            x.values,
            shape,
            labels.values,
            motions.values,
            OUTSIDE,
          );
          return [y, moved];
        },
      };
    }),
  ];
}
