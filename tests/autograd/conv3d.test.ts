import { test } from 'vitest';
import { conv3d } from '../../src/autograd/conv3d.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test.each([
  { name: 'stride 1', options: { padding: 1 } },
  { name: 'stride 2', options: { stride: 2, padding: 1 } },
])('the gradients of conv3d are those of finite differences: $name', async ({ options }) => {
  await checkGradients(
    await testGpu(),
    [{ shape: [1, 2, 2, 3, 4] }, { shape: [2, 2, 3, 3, 3] }, { shape: [2] }],
    (tape, [x, weight, bias]) => conv3d(tape, x!, weight!, bias!, options),
  );
});
