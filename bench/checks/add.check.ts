/** add, with a result of its own and in place. */
import { addForward, addInPlace } from '../../src/kernels/add.ts';
import * as reference from '../../src/reference/add.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function addChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'add', pass: 'forward', shape, half: true }, (inputs) => {
      const [a, b] = [inputs.activation(shape, 1), inputs.activation(shape, 2)];
      return {
        run: (scope) => [addForward(scope, a.tensor, b.tensor)],
        expected: () => [reference.addForward(a.values, b.values)],
      };
    }),
    check({ op: 'add', pass: 'forward_in_place', shape, half: true }, (inputs) => {
      const [a, b] = [inputs.activation(shape, 1), inputs.activation(shape, 2)];
      return {
        run: (scope) => {
          addInPlace(scope, a.tensor, b.tensor);
          return [a.tensor];
        },
        expected: () => [reference.addForward(a.values, b.values)],
      };
    }),
  ];
}
