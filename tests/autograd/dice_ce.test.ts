import { test } from 'vitest';
import { diceCe } from '../../src/autograd/dice_ce.ts';
import type { DiceCeOptions } from '../../src/kernels/dice_ce.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test.each<[DiceCeOptions]>([
  [{}],
  [{ includeBackground: false, squaredPred: true, batch: true }],
  [{ jaccard: true, weight: [0.5, 1, 2], lambdaDice: 2, reduction: 'sum' }],
])('the gradient of dice_ce with %j is that of finite differences', async (options) => {
  await checkGradients(await testGpu(), [{ shape: [2, 3, 1, 2, 2] }], (tape, [logits]) => {
    const target = tape.upload(Uint32Array.of(0, 1, 2, 1, 1, 0, 2, 2), [2, 1, 1, 2, 2]);
    return diceCe(tape, logits!, target, options);
  });
});
