/** concat of two tensors of different channels, and its gradient for each. */
import { concatBackward, concatForward } from '../../src/kernels/concat.ts';
import * as reference from '../../src/reference/concat.ts';
import { type Check, check, type VolumeShape, voxelsOf } from './check.ts';

export function concatChecks(shape: VolumeShape): Check[] {
  const [batch, channels, ...size] = shape;
  const sizes = [channels, channels + 1];
  return [
    check({ op: 'concat', pass: 'forward', shape, half: true }, (inputs) => {
      const parts = sizes.map((count, n) => inputs.activation([batch, count, ...size], n + 1));
      return {
        run: (scope) => [
          concatForward(
            scope,
            parts.map(({ tensor }) => tensor),
          ),
        ],
        expected: () => [
          reference.concatForward(
            parts.map(({ values }) => values),
            batch,
          ),
        ],
      };
    }),
    check({ op: 'concat', pass: 'backward', shape, half: true }, (inputs) => {
      const dy = inputs.activation([batch, 2 * channels + 1, ...size], 3);
      const lengths = sizes.map((count) => count * voxelsOf(shape));
      return {
        run: (scope) => sizes.map((_, n) => concatBackward(scope, dy.tensor, sizes, n)),
        expected: () => reference.concatBackward(dy.values, lengths, batch),
      };
    }),
  ];
}
