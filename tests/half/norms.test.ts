import { describe, test } from 'vitest';
import type { Scope } from '../../src/gpu/scope.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { instanceNormBackward, instanceNormForward } from '../../src/kernels/instance_norm.ts';
import {
  instanceNormPreluBackward,
  instanceNormPreluForward,
} from '../../src/kernels/instance_norm_prelu.ts';
import { preluBackward, preluForward } from '../../src/kernels/prelu.ts';
import { expectHalf, hasHalf } from '../helpers/half.ts';

/** Odd numbers of elements, of which two share a word; few voxels; channels beyond a workgroup. */
const SHAPES = [[[1, 1, 1, 1, 3]], [[1, 2, 1, 3, 1]], [[1, 3, 3, 5, 7]], [[2, 17, 4, 5, 3]]];

const slopes = (scope: Scope, size: number): Tensor =>
  scope.upload(
    Float32Array.from({ length: size }, (_, n) => 0.25 + n / 64),
    [size],
  );

describe.skipIf(!hasHalf)('in half precision', () => {
  test.each(SHAPES)('prelu of %j', async (shape) => {
    await expectHalf({
      shapes: [shape, shape],
      run: (scope, [x, dy]) => {
        const weight = slopes(scope, shape[1]!);
        const { dx, dweight } = preluBackward(scope, x!, weight, dy!);
        return [preluForward(scope, x!, weight), dx, dweight];
      },
      dtypes: ['f16', 'f16', 'f32'],
    });
  });

  test.each(SHAPES)('instance_norm of %j', async (shape) => {
    await expectHalf({
      shapes: [shape, shape],
      run: (scope, [x, dy]) => {
        const weight = slopes(scope, shape[1]!);
        const { y, mean, rstd } = instanceNormForward(scope, x!, weight, weight);
        const back = instanceNormBackward(scope, x!, { mean, rstd }, weight, dy!);
        return [y, mean, rstd, back.dx, back.dweight!, back.dbias!];
      },
      dtypes: ['f16', 'f32', 'f32', 'f16', 'f32', 'f32'],
    });
  });

  test.each(SHAPES)('instance_norm_prelu of %j, with and without a residual', async (shape) => {
    await expectHalf({
      shapes: [shape, shape, shape],
      run: (scope, [x, residual, dy]) => {
        const slope = slopes(scope, 1);
        const joined = instanceNormPreluForward(scope, x!, slope, residual!);
        const { y, mean, rstd } = instanceNormPreluForward(scope, x!, slope, null);
        const back = instanceNormPreluBackward(scope, x!, { mean, rstd }, slope, dy!);
        return [joined.y, y, back.dx, back.dslope];
      },
      dtypes: ['f16', 'f16', 'f16', 'f32'],
    });
  });
});
