/** fill of every element, and of none beyond. */
import { fill } from '../../src/kernels/fill.ts';
import * as reference from '../../src/reference/fill.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function fillChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'fill', pass: 'forward', shape, tolerance: 0, half: true }, (inputs) => {
      const y = inputs.activation(shape, 1);
      return {
        run: (scope) => {
          fill(scope, y.tensor, -1.5);
          return [y.tensor];
        },
        expected: () => {
          const filled = y.values.slice();
          reference.fill(filled, -1.5);
          return [filled];
        },
      };
    }),
  ];
}
