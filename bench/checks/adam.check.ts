/** adam: one step from averages of zero, and its skipping after an overflow. */
import { adamStep } from '../../src/kernels/adam.ts';
import * as reference from '../../src/reference/adam.ts';
import { product } from '../../src/shape.ts';
import { type Check, check, type VolumeShape } from './check.ts';

const NUMBERS = {
  lr: 1e-3,
  momentum: 0.9,
  sqrMomentum: 0.99,
  eps: 1e-5,
  weightDecay: 0.01,
  step: 1,
} as const;

export function adamChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'adam', pass: 'step', shape }, (inputs) => {
      const [parameter, grad] = [inputs.parameter(shape, 1), inputs.parameter(shape, 2)];
      const zeros = () => new Float32Array(product(shape));
      const [gradAvg, sqrAvg] = [
        inputs.parameter(shape, zeros()),
        inputs.parameter(shape, zeros()),
      ];
      const tensors = {
        parameter: parameter.tensor,
        grad: grad.tensor,
        gradAvg: gradAvg.tensor,
        sqrAvg: sqrAvg.tensor,
      };
      return {
        run: (scope) => {
          adamStep(scope, tensors, NUMBERS);
          return [tensors.parameter, tensors.gradAvg, tensors.sqrAvg];
        },
        expected: () => {
          const state = [parameter.values.slice(), zeros(), zeros()] as const;
          reference.adamStep(state[0], grad.values, state[1], state[2], NUMBERS);
          return state;
        },
      };
    }),
  ];
}
