import { test } from 'vitest';
import { relu } from '../../src/autograd/relu.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test('the gradient of relu is that of finite differences', async () => {
  // Away from 0, where the function has a kink.
  const data = Float32Array.from({ length: 12 }, (_, n) => (n % 2 ? 0.5 : -0.5) * (1 + n / 6));
  await checkGradients(await testGpu(), [{ shape: [1, 2, 1, 2, 3], data }], (tape, [x]) =>
    relu(tape, x!),
  );
});
