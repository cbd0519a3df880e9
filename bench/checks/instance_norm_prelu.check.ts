/** instance_norm_prelu with one slope and a residual sum. */
import {
  instanceNormPreluBackward,
  instanceNormPreluForward,
} from '../../src/kernels/instance_norm_prelu.ts';
import * as reference from '../../src/reference/instance_norm_prelu.ts';
import { type Check, check, type Inputs, type VolumeShape, voxelsOf } from './check.ts';

const op = 'instance_norm_prelu';
const slopeOf = (inputs: Inputs) => inputs.parameter([1], Float32Array.of(0.25));

export function instanceNormPreluChecks(shape: VolumeShape): Check[] {
  const [batch, channels] = shape;
  const eps = 1e-5;
  const sizes = { batch, channels, voxels: voxelsOf(shape), eps };
  return [
    check({ op, pass: 'forward', shape, half: true }, (inputs) => {
      const [x, residual] = [inputs.activation(shape, 1), inputs.activation(shape, 2)];
      const slope = slopeOf(inputs);
      return {
        run: (scope) => [
          instanceNormPreluForward(scope, x.tensor, slope.tensor, residual.tensor, eps).y,
        ],
        expected: () => [
          reference.instanceNormPreluForward(x.values, slope.values, residual.values, sizes),
        ],
      };
    }),
    check({ op, pass: 'backward', shape, half: true }, (inputs) => {
      const [x, dy] = [inputs.activation(shape, 1), inputs.activation(shape, 2)];
      const slope = slopeOf(inputs);
      const saved = instanceNormPreluForward(inputs.scope, x.tensor, slope.tensor, null, eps);
      return {
        run: (scope) => {
          const { dx, dslope } = instanceNormPreluBackward(
            scope,
            x.tensor,
            saved,
            slope.tensor,
            dy.tensor,
          );
          return [dx, dslope];
        },
        expected: () => {
          const { dx, dslope } = reference.instanceNormPreluBackward(
            x.values,
            slope.values,
            dy.values,
            sizes,
          );
          return [dx, dslope];
        },
      };
    }),
  ];
}
