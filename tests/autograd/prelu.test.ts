import { test } from 'vitest';
import { prelu } from '../../src/autograd/prelu.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test.each([1, 2])(
  'the gradients of prelu with %i weights are those of finite differences',
  async (count) => {
    // Away from 0, where the function has a kink.
    const data = Float32Array.from({ length: 12 }, (_, n) => (n % 2 ? 0.5 : -0.5) * (1 + n / 6));
    await checkGradients(
      await testGpu(),
      [{ shape: [1, 2, 1, 2, 3], data }, { shape: [count] }],
      (tape, [x, weight]) => prelu(tape, x!, weight!),
    );
  },
);
