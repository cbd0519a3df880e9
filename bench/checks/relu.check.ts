/** relu of values on both sides of 0. */
import { reluBackward, reluForward } from '../../src/kernels/relu.ts';
import * as reference from '../../src/reference/relu.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function reluChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'relu', pass: 'forward', shape, tolerance: 0, half: true }, (inputs) => {
      const x = inputs.activation(shape, 1);
      return {
        run: (scope) => [reluForward(scope, x.tensor)],
        expected: () => [reference.reluForward(x.values)],
      };
    }),
    check({ op: 'relu', pass: 'backward', shape, tolerance: 0, half: true }, (inputs) => {
      const [x, dy] = [inputs.activation(shape, 1), inputs.activation(shape, 2)];
      return {
        run: (scope) => [reluBackward(scope, x.tensor, dy.tensor)],
        expected: () => [reference.reluBackward(x.values, dy.values)],
      };
    }),
  ];
}
