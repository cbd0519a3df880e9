/** slice: every other row and what lies before the last plane; its gradient is 0 elsewhere. */
import { sliceAxes, sliceBackward, sliceForward } from '../../src/kernels/slice.ts';
import * as reference from '../../src/reference/slice.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function sliceChecks(shape: VolumeShape): Check[] {
  const ranges = [null, null, { stop: Math.max(1, shape[2] - 1) }, { step: 2 }, null];
  const axes = sliceAxes(shape, ranges);
  return [
    check({ op: 'slice', pass: 'forward', shape, tolerance: 0, half: true }, (inputs) => {
      const x = inputs.activation(shape, 1);
      return {
        run: (scope) => [sliceForward(scope, x.tensor, ranges)],
        expected: () => [reference.sliceForward(x.values, shape, axes)],
      };
    }),
    check({ op: 'slice', pass: 'backward', shape, tolerance: 0, half: true }, (inputs) => {
      const dy = inputs.activation(
        axes.map(({ size }) => size),
        1,
      );
      return {
        run: (scope) => [sliceBackward(scope, dy.tensor, shape, ranges)],
        expected: () => [reference.sliceBackward(dy.values, shape, axes)],
      };
    }),
  ];
}
