/** bias_field: fields of the third order, one per sample. */
import { biasFieldInPlace } from '../../src/kernels/bias_field.ts';
import * as reference from '../../src/reference/bias_field.ts';
import { type Check, check, type VolumeShape } from './check.ts';

const ORDER = 3;
const TERMS = 20;

export function biasFieldChecks(shape: VolumeShape): Check[] {
  const [samples] = shape;
  return [
    check({ op: 'bias_field', pass: 'in_place', shape }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      const coefficients = inputs.parameter(
        [samples, TERMS],
        Float32Array.from({ length: samples * TERMS }, (_, n) => 0.4 * Math.sin(5 * n + 1)),
      );
      return {
        run: (scope) => {
          biasFieldInPlace(scope, x.tensor, coefficients.tensor, ORDER);
          return [x.tensor];
        },
        expected: () => [reference.biasFieldInPlace(x.values, shape, coefficients.values, ORDER)],
      };
    }),
  ];
}
