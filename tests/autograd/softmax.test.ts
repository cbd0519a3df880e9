import { test } from 'vitest';
import { softmax } from '../../src/autograd/softmax.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test('the gradient of softmax is that of finite differences', async () => {
  await checkGradients(await testGpu(), [{ shape: [2, 3, 1, 1, 2] }], (tape, [x]) =>
    softmax(tape, x!),
  );
});
