import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/slice.ts';
import * as reference from '../../src/reference/slice.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const exactly = { rtol: 0, atol: 0 };

test.each<[number[], kernels.SliceRanges]>([
  [[1], []],
  [[7], [{ start: 2, step: 3 }]],
  [[2, 3, 5, 6, 7], []],
  [
    [2, 3, 5, 6, 7],
    [{ start: 1 }, null, { stop: -1 }, { step: 2 }, { start: -4, stop: -1 }],
  ],
  [[1, 1, 1, 1, 1], [{ start: -5, stop: 9, step: 4 }]],
  [
    [3, 4, 5],
    [null, { start: 3, stop: 4 }, { step: 4 }],
  ],
  [
    [2, 2, 65, 33, 31],
    [null, null, { start: 1, step: 3 }, { start: 7 }, { step: 2 }],
  ],
])('slice of %j by %j equals the reference, both ways', async (shape, ranges) => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const axes = kernels.sliceAxes(shape, ranges);
  const x = randomArray(shape, 1);
  const y = kernels.sliceForward(scope, scope.upload(x, shape), ranges);
  expect(y.shape).toEqual(axes.map(({ size }) => size));
  expectClose(await gpu.read(y), reference.sliceForward(x, shape, axes), exactly);
  const dy = randomArray(y.shape, 2);
  const dx = kernels.sliceBackward(scope, scope.upload(dy, y.shape), shape, ranges);
  expect(dx.shape).toEqual(shape);
  expectClose(await gpu.read(dx), reference.sliceBackward(dy, shape, axes), {
    ...exactly,
    shape,
  });
});

describe('sliceAxes', () => {
  test.each<[kernels.SliceRange, number[]]>([
    [{}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [{ start: 2, stop: 8, step: 3 }, [2, 5]],
    [{ start: 2, stop: 9, step: 3 }, [2, 5, 8]],
    [{ start: -3 }, [7, 8, 9]],
    [{ stop: -8 }, [0, 1]],
    [{ start: -100, stop: 100, step: 9 }, [0, 9]],
  ])('reads %j of ten as Python does', (range, expected) => {
    const { start, step, size } = kernels.sliceAxes([10], [range])[0]!;
    expect(Array.from({ length: size }, (_, k) => start + k * step)).toEqual(expected);
  });

  test.each<[number[], kernels.SliceRanges]>([
    [[4], [{ start: 4 }]],
    [[4], [{ start: 3, stop: 1 }]],
    [[4], [{ step: 0 }]],
    [[4], [{ step: -1 }]],
    [[4], [{ start: 0.5 }]],
    [[4], [null, null]],
    [[1, 1, 1, 1, 1, 1], []],
  ])('refuses %j by %j', (shape, ranges) => {
    expect(() => kernels.sliceAxes(shape, ranges)).toThrow(ShapeError);
  });
});
