/** sum of rows, and per channel over batch and voxels. */
import { sumChannels, sumRows } from '../../src/kernels/sum.ts';
import * as reference from '../../src/reference/sum.ts';
import { type Check, check, type VolumeShape, voxelsOf } from './check.ts';

export function sumChecks(shape: VolumeShape): Check[] {
  const [batch, channels] = shape;
  const rows = batch * channels;
  return [
    check({ op: 'sum', pass: 'rows', shape }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      return {
        run: (scope) => [sumRows(scope, x.tensor, rows, 0.5)],
        expected: () => [reference.sumRows(x.values, rows, 0.5)],
      };
    }),
    check({ op: 'sum', pass: 'channels', shape, half: true }, (inputs) => {
      const x = inputs.activation(shape, 1);
      return {
        run: (scope) => [sumChannels(scope, x.tensor)],
        expected: () => [reference.sumChannels(x.values, channels, voxelsOf(shape))],
      };
    }),
  ];
}
