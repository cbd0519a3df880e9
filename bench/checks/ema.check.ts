/** ema: one step, and the exchange with the weights, which keeps every bit. */
import { emaStep, emaSwap } from '../../src/kernels/ema.ts';
import * as reference from '../../src/reference/ema.ts';
import { type Check, check, type VolumeShape } from './check.ts';

const DECAY = 0.95;

export function emaChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'ema', pass: 'step', shape }, (inputs) => {
      const [average, value] = [inputs.parameter(shape, 1), inputs.parameter(shape, 2)];
      return {
        run: (scope) => {
          emaStep(scope, average.tensor, value.tensor, DECAY);
          return [average.tensor];
        },
        expected: () => {
          const moved = average.values.slice();
          reference.emaStep(moved, value.values, DECAY);
          return [moved];
        },
      };
    }),
    check({ op: 'ema', pass: 'swap', shape, tolerance: 0 }, (inputs) => {
      const [a, b] = [inputs.parameter(shape, 1), inputs.parameter(shape, 2)];
      return {
        run: (scope) => {
          emaSwap(scope, a.tensor, b.tensor);
          return [a.tensor, b.tensor];
        },
        expected: () => [b.values, a.values],
      };
    }),
  ];
}
