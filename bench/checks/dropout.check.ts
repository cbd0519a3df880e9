/** dropout, whose mask is a function of its key; the backward pass is the same kernel. */
import { dropoutForward } from '../../src/kernels/dropout.ts';
import * as reference from '../../src/reference/dropout.ts';
import { type Check, check, type VolumeShape } from './check.ts';

const P = 0.3;
const KEY = [0xdead_beef, 42] as const;

export function dropoutChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'dropout', pass: 'forward', shape, half: true }, (inputs) => {
      const x = inputs.activation(shape, 1);
      return {
        run: (scope) => [dropoutForward(scope, x.tensor, P, KEY)],
        expected: () => [reference.dropoutForward(x.values, P, KEY)],
      };
    }),
  ];
}
