/** prelu with one slope per channel. */
import { preluBackward, preluForward } from '../../src/kernels/prelu.ts';
import * as reference from '../../src/reference/prelu.ts';
import { type Check, check, type VolumeShape, voxelsOf } from './check.ts';

export function preluChecks(shape: VolumeShape): Check[] {
  const sizes = { channels: shape[1], voxels: voxelsOf(shape) };
  const slopes = [sizes.channels];
  return [
    check({ op: 'prelu', pass: 'forward', shape, half: true }, (inputs) => {
      const [x, weight] = [inputs.activation(shape, 1), inputs.parameter(slopes, 2)];
      return {
        run: (scope) => [preluForward(scope, x.tensor, weight.tensor)],
        expected: () => [reference.preluForward(x.values, weight.values, sizes)],
      };
    }),
    check({ op: 'prelu', pass: 'backward', shape, half: true }, (inputs) => {
      const [x, dy] = [inputs.activation(shape, 1), inputs.activation(shape, 3)];
      const weight = inputs.parameter(slopes, 2);
      return {
        run: (scope) => {
          const { dx, dweight } = preluBackward(scope, x.tensor, weight.tensor, dy.tensor);
          return [dx, dweight];
        },
        expected: () => {
          const { dx, dweight } = reference.preluBackward(
            x.values,
            weight.values,
            dy.values,
            sizes,
          );
          return [dx, dweight];
        },
      };
    }),
  ];
}
