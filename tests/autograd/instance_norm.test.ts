import { expect, test } from 'vitest';
import { instanceNorm } from '../../src/autograd/instance_norm.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { ShapeError } from '../../src/errors.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

const shape = [2, 2, 1, 2, 3];

test('the gradient of instance_norm is that of finite differences', async () => {
  await checkGradients(await testGpu(), [{ shape }], (tape, [x]) => instanceNorm(tape, x!));
});

test('the gradients with weight and bias are those of finite differences', async () => {
  await checkGradients(
    await testGpu(),
    [{ shape }, { shape: [2] }, { shape: [2] }],
    (tape, [x, weight, bias]) => instanceNorm(tape, x!, { weight: weight!, bias: bias! }),
  );
});

test('the gradients with a bias alone are those of finite differences', async () => {
  await checkGradients(await testGpu(), [{ shape }, { shape: [2] }], (tape, [x, bias]) =>
    instanceNorm(tape, x!, { bias: bias! }),
  );
});

test('a single voxel is refused in training and gives 0 otherwise', async () => {
  const gpu = await testGpu();
  using training = new Tape(gpu);
  const x = new Variable(training.upload(Float32Array.of(3, -4), [1, 2, 1, 1, 1]), true);
  expect(() => instanceNorm(training, x)).toThrow(ShapeError);
  expect(() => instanceNorm(training, x)).toThrow(/\[1,2,1,1,1\]/);
  using inference = new Tape(gpu, { recording: false });
  expect([...(await gpu.read(instanceNorm(inference, x).value))]).toEqual([0, 0]);
});
