/** noise: the numbers of the counter-based generator, made normal. */
import { noiseInPlace } from '../../src/kernels/noise.ts';
import * as reference from '../../src/reference/noise.ts';
import { product } from '../../src/shape.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function noiseChecks(shape: VolumeShape): Check[] {
  const [samples] = shape;
  const pairs = Array.from({ length: samples }, (_, n) => [n + 1, 0xffff_ffff - n]).flat();
  return [
    check({ op: 'noise', pass: 'in_place', shape }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      const moments = inputs.parameter(
        [samples, 2],
        Float32Array.from({ length: 2 * samples }, (_, n) => (n % 2 === 0 ? 0.5 : 1)),
      );
      const keys = inputs.words([samples, 2], pairs);
      return {
        run: (scope) => {
          noiseInPlace(scope, x.tensor, moments.tensor, keys.tensor);
          return [x.tensor];
        },
        expected: () => [
          reference.noiseInPlace(x.values, product(shape) / samples, moments.values, keys.values),
        ],
      };
    }),
  ];
}
