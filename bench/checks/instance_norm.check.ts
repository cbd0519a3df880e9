/** instance_norm with a weight and a bias per channel. */
import { instanceNormBackward, instanceNormForward } from '../../src/kernels/instance_norm.ts';
import * as reference from '../../src/reference/instance_norm.ts';
import { type Check, check, type VolumeShape, voxelsOf } from './check.ts';

export function instanceNormChecks(shape: VolumeShape): Check[] {
  const [batch, channels] = shape;
  const sizes = { batch, channels, voxels: voxelsOf(shape), eps: 1e-5 };
  return [
    check({ op: 'instance_norm', pass: 'forward', shape, half: true }, (inputs) => {
      const x = inputs.activation(shape, 1);
      const [weight, bias] = [inputs.parameter([channels], 2), inputs.parameter([channels], 3)];
      return {
        run: (scope) => [instanceNormForward(scope, x.tensor, weight.tensor, bias.tensor).y],
        expected: () => [
          reference.instanceNormForward(x.values, weight.values, bias.values, sizes),
        ],
      };
    }),
    check({ op: 'instance_norm', pass: 'backward', shape, half: true }, (inputs) => {
      const [x, dy] = [inputs.activation(shape, 1), inputs.activation(shape, 4)];
      const weight = inputs.parameter([channels], 2);
      const saved = instanceNormForward(inputs.scope, x.tensor, weight.tensor, null);
      return {
        run: (scope) => {
          const { dx, dweight, dbias } = instanceNormBackward(
            scope,
            x.tensor,
            saved,
            weight.tensor,
            dy.tensor,
          );
          return [dx, dweight!, dbias!];
        },
        expected: () => {
          const { dx, dweight, dbias } = reference.instanceNormBackward(
            x.values,
            weight.values,
            dy.values,
            sizes,
          );
          return [dx, dweight, dbias];
        },
      };
    }),
  ];
}
