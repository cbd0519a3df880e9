import { describe, test } from 'vitest';
import { addForward, addInPlace } from '../../src/kernels/add.ts';
import { concatBackward, concatForward } from '../../src/kernels/concat.ts';
import { sliceBackward, sliceForward } from '../../src/kernels/slice.ts';
import { expectHalf, hasHalf } from '../helpers/half.ts';

const SHAPES = [[[1, 1, 1, 1, 1]], [[1, 3, 1, 3, 1]], [[2, 3, 3, 5, 7]], [[2, 4, 4, 4, 3]]];

describe.skipIf(!hasHalf)('in half precision', () => {
  test.each(SHAPES)('add of %j', async (shape) => {
    await expectHalf({
      shapes: [shape, shape],
      run: (scope, [a, b]) => {
        const y = addForward(scope, a!, b!);
        addInPlace(scope, a!, b!);
        return [y, a!];
      },
      dtypes: ['f16', 'f16'],
    });
  });

  test.each(SHAPES)('concat of %j with itself and more, four at a time or not', async (shape) => {
    const [batch, channels, ...spatial] = shape;
    const wider = [batch!, channels! + 2, ...spatial];
    await expectHalf({
      shapes: [shape, wider],
      run: (scope, inputs) => {
        const y = concatForward(scope, inputs);
        return [y, concatBackward(scope, y, [channels!, channels! + 2], 1)];
      },
      dtypes: ['f16', 'f16'],
    });
  });

  test.each(SHAPES)('slice of %j', async (shape) => {
    const ranges = [null, { start: -1 }, null, { step: 2 }];
    await expectHalf({
      shapes: [shape],
      run: (scope, [x]) => {
        const y = sliceForward(scope, x!, ranges);
        return [y, sliceBackward(scope, y, shape, ranges)];
      },
      dtypes: ['f16', 'f16'],
    });
  });
});
