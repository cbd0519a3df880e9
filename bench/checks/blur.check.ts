/** blur: another width along each axis, one of them none. */
import { blurForward } from '../../src/kernels/blur.ts';
import * as reference from '../../src/reference/blur.ts';
import { type Check, check, type VolumeShape } from './check.ts';

const SIGMAS = [0.5, 1.5, 0];

/** Radius of 4 deviations, and the weight of a neighbour. */
const kernelOf = (sigma: number): readonly number[] =>
  sigma === 0 ? [0, 0] : [Math.trunc(4 * sigma + 0.5), Math.exp(-0.5 / sigma ** 2)];

export function blurChecks(shape: VolumeShape): Check[] {
  const [samples] = shape;
  return [
    check({ op: 'blur', pass: 'forward', shape }, (inputs) => {
      const x = inputs.parameter(shape, 1);
      const each = SIGMAS.flatMap(kernelOf);
      const kernels = inputs.parameter(
        [samples, 3, 2],
        Float32Array.from({ length: 6 * samples }, (_, n) => each[n % 6]!),
      );
      return {
        run: (scope) => [blurForward(scope, x.tensor, kernels.tensor)],
        expected: () => [reference.blurForward(x.values, shape, kernels.values)],
      };
    }),
  ];
}
