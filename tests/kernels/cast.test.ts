import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { castForward } from '../../src/kernels/cast.ts';
import * as reference from '../../src/reference/cast.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { hasHalf } from '../helpers/half.ts';
import { randomArray } from '../helpers/random.ts';

const exactly = { rtol: 0, atol: 0 };

describe.skipIf(!hasHalf)('cast', () => {
  test.each([[[1]], [[1, 1, 1, 1, 3]], [[2, 3, 5, 7, 1]], [[2, 17, 4, 5, 6]]])(
    'of %j to half precision equals the reference, and back it is exact',
    async (shape) => {
      const gpu = await testGpu();
      using scope = gpu.scope();
      const x = randomArray(shape, 1);
      const half = castForward(scope, scope.upload(x, shape), 'f16');
      const expected = reference.castForward(x);
      expect(half.dtype).toBe('f16');
      expectClose(await gpu.read(half), expected, { ...exactly, shape });
      const back = castForward(scope, half, 'f32');
      expectClose(await gpu.read(back), expected, { ...exactly, shape });
    },
  );

  test('is infinite beyond the range and keeps NaN; ties go to the even neighbour', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = Float32Array.of(65504, 65519, 65520, -1e30, Number.NaN, 2049, 2051, -0, 1e-20);
    const y = await gpu.read(castForward(scope, scope.upload(x, [9]), 'f16'));
    expect([...y.subarray(0, 8)]).toEqual([
      65504,
      65504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      2048,
      2052,
      -0,
    ]);
    expect(y[8]).toBe(0);
    expect(reference.castForward(x)).toEqual(y);
  });

  test('refuses a precision that x has already, and labels', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    expect(() => castForward(scope, scope.tensor([2]), 'f32')).toThrow(ShapeError);
    expect(() => castForward(scope, scope.tensor([2], 'labels', 'u32'), 'f16')).toThrow(
      /'labels' \[2\] of u32 for f16/,
    );
  });
});
