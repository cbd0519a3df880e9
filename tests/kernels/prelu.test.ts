import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/prelu.ts';
import * as reference from '../../src/reference/prelu.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const shapes = [
  [1, 1, 1, 1, 1],
  [1, 1, 3, 5, 7],
  [2, 3, 4, 5, 6],
  [2, 17, 1, 2, 3],
  [1, 2, 33, 34, 35],
];

describe.each(shapes.map((shape) => [shape]))('prelu of %j', (shape) => {
  const [batch, channels, ...spatial] = shape as [number, number, ...number[]];
  const voxels = spatial.reduce((a, b) => a * b, 1);

  test.each([1, channels])('equals the reference with %i weights', async (count) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const x = randomArray(shape, 1);
    x[0] = 0;
    const weight = randomArray([count], 2);
    const dy = randomArray(shape, 3);
    const [xT, weightT, dyT] = [
      scope.upload(x, shape),
      scope.upload(weight, [count]),
      scope.upload(dy, shape),
    ];
    const y = kernels.preluForward(scope, xT, weightT);
    const { dx, dweight } = kernels.preluBackward(scope, xT, weightT, dyT);
    const expected = reference.preluBackward(x, weight, dy, { channels, voxels });
    expectClose(await gpu.read(y), reference.preluForward(x, weight, { channels, voxels }), {
      shape,
    });
    expectClose(await gpu.read(dx), expected.dx, { shape });
    expectClose(await gpu.read(dweight), expected.dweight, {
      rtol: 1e-5 * Math.sqrt(batch * voxels),
    });
  });
});

test('a weight that fits neither one nor all channels is refused with both shapes', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const x = scope.tensor([1, 4, 2, 2, 2]);
  const weight = scope.tensor([3]);
  expect(() => kernels.preluForward(scope, x, weight)).toThrow(ShapeError);
  expect(() => kernels.preluForward(scope, x, weight)).toThrow(/\[3\].*\[1,4,2,2,2\]/);
});
