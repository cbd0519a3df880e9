/** sigmoid of logits. */
import { sigmoidForward } from '../../src/kernels/sigmoid.ts';
import * as reference from '../../src/reference/sigmoid.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function sigmoidChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'sigmoid', pass: 'forward', shape, half: true }, (inputs) => {
      const x = inputs.activation(shape, 1);
      return {
        run: (scope) => [sigmoidForward(scope, x.tensor)],
        expected: () => [reference.sigmoidForward(x.values)],
      };
    }),
  ];
}
