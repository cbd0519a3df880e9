import { describe, test } from 'vitest';
import { dropoutForward } from '../../src/kernels/dropout.ts';
import { fill } from '../../src/kernels/fill.ts';
import { reluBackward, reluForward } from '../../src/kernels/relu.ts';
import { softmaxBackward, softmaxForward } from '../../src/kernels/softmax.ts';
import { sumChannels } from '../../src/kernels/sum.ts';
import { expectHalf, hasHalf } from '../helpers/half.ts';

/** Odd numbers of elements, of which two share a word; one voxel; rows of 2 to 17 channels. */
const SHAPES = [[[1, 1, 1, 1, 1]], [[1, 2, 1, 3, 1]], [[1, 3, 3, 5, 7]], [[2, 17, 4, 5, 3]]];

describe.skipIf(!hasHalf)('in half precision', () => {
  test.each(SHAPES)('relu of %j', async (shape) => {
    await expectHalf({
      shapes: [shape, shape],
      run: (scope, [x, dy]) => [reluForward(scope, x!), reluBackward(scope, x!, dy!)],
      dtypes: ['f16', 'f16'],
    });
  });

  test.each(SHAPES)('softmax of %j', async (shape) => {
    await expectHalf({
      shapes: [shape, shape],
      run: (scope, [x, dy]) => [softmaxForward(scope, x!), softmaxBackward(scope, x!, dy!)],
      dtypes: ['f16', 'f16'],
    });
  });

  test.each(SHAPES)('dropout of %j', async (shape) => {
    await expectHalf({
      shapes: [shape],
      run: (scope, [x]) => [dropoutForward(scope, x!, 0.3, [1, 2])],
      dtypes: ['f16'],
    });
  });

  test.each(SHAPES)('fill of %j', async (shape) => {
    await expectHalf({
      shapes: [shape],
      run: (scope, [x]) => {
        fill(scope, x!, -1.5);
        return [x!];
      },
      dtypes: ['f16'],
    });
  });

  test.each(SHAPES)('the gradient of a bias, a sum over %j, stays f32', async (shape) => {
    await expectHalf({
      shapes: [shape],
      run: (scope, [dy]) => [sumChannels(scope, dy!)],
      dtypes: ['f32'],
    });
  });
});
