/** cast to half precision and back: bits, not nearly. */
import { castForward } from '../../src/kernels/cast.ts';
import * as reference from '../../src/reference/cast.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function castChecks(shape: VolumeShape): Check[] {
  const needs = { needs: 'shader-f16', tolerance: 0 } as const;
  return [
    check({ op: 'cast', pass: 'to_elem', shape, ...needs }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      return {
        run: (scope) => [castForward(scope, x.tensor, 'f16')],
        expected: () => [reference.castForward(x.values)],
      };
    }),
    check({ op: 'cast', pass: 'from_elem', shape, ...needs }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      const half = castForward(inputs.scope, x.tensor, 'f16');
      return {
        run: (scope) => [castForward(scope, half, 'f32')],
        expected: () => [reference.castForward(x.values)],
      };
    }),
  ];
}
