import { test } from 'vitest';
import { crossEntropy } from '../../src/autograd/cross_entropy.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test.each([{}, { weight: [0.5, 1, 2] }])(
  'the gradient of cross_entropy with %j is that of finite differences',
  async (options) => {
    await checkGradients(await testGpu(), [{ shape: [2, 3, 1, 2, 2] }], (tape, [logits]) => {
      const target = tape.upload(Uint32Array.of(0, 1, 2, 1, 1, 0, 2, 2), [2, 1, 1, 2, 2]);
      return crossEntropy(tape, logits!, target, options);
    });
  },
);
