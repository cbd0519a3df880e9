/** non_finite: the first and the last element of a tensor, and nothing of another. */
import { nonFinite } from '../../src/kernels/non_finite.ts';
import * as reference from '../../src/reference/non_finite.ts';
import { product } from '../../src/shape.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function nonFiniteChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'non_finite', pass: 'partial', shape, tolerance: 0 }, (inputs) => {
      const values = new Float32Array(product(shape)).fill(3.4e38);
      values[values.length - 1] = Number.NaN;
      values[0] = Number.NEGATIVE_INFINITY;
      const [x, other] = [inputs.parameter(shape, values), inputs.parameter([7], 1)];
      return {
        run: (scope) => [nonFinite(scope, [x.tensor, other.tensor])],
        expected: () => [[reference.nonFinite([x.values, other.values])]],
      };
    }),
  ];
}
