import { expect, test } from 'vitest';
import { instanceNormPrelu } from '../../src/autograd/instance_norm_prelu.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { ShapeError } from '../../src/errors.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

const shape = [1, 2, 1, 2, 3];
// No normalised value lies near 0, where PReLU has a kink.
const data = Float32Array.from({ length: 12 }, (_, n) => (n % 2 ? 1 : -1) * (1 + n / 10));

test('the gradients of x and slope are those of finite differences', async () => {
  await checkGradients(await testGpu(), [{ shape, data }, { shape: [2] }], (tape, [x, slope]) =>
    instanceNormPrelu(tape, x!, slope!, null),
  );
});

test('the residual takes the gradient of the sum', async () => {
  await checkGradients(
    await testGpu(),
    [{ shape, data }, { shape: [1] }, { shape }],
    (tape, [x, slope, residual]) => instanceNormPrelu(tape, x!, slope!, residual!),
  );
});

test('a single voxel is refused in training', async () => {
  using tape = new Tape(await testGpu());
  const x = new Variable(tape.tensor([1, 2, 1, 1, 1]));
  const slope = new Variable(tape.tensor([1]));
  expect(() => instanceNormPrelu(tape, x, slope, null)).toThrow(ShapeError);
});
