/** gamma: another power for each channel, of positive and negative values. */
import { gammaInPlace } from '../../src/kernels/gamma.ts';
import * as reference from '../../src/reference/gamma.ts';
import { type Check, check, type VolumeShape, voxelsOf } from './check.ts';

const EXPONENTS = [0.74, 1.35, 1, 2.5, 0.3];

export function gammaChecks(shape: VolumeShape): Check[] {
  const [samples, channels] = shape;
  return [
    check({ op: 'gamma', pass: 'in_place', shape }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      const exponents = inputs.parameter(
        [samples, channels],
        Float32Array.from({ length: samples * channels }, (_, n) => EXPONENTS[n % 5]!),
      );
      return {
        run: (scope) => {
          gammaInPlace(scope, x.tensor, exponents.tensor);
          return [x.tensor];
        },
        expected: () => [reference.gammaInPlace(x.values, voxelsOf(shape), exponents.values)],
      };
    }),
  ];
}
