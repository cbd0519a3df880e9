import { test } from 'vitest';
import { convTranspose3d } from '../../src/autograd/conv_transpose3d.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test.each([
  ['k3 s2 p1 op1', [3, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  ['k2 s2', [2, 2, 2], { stride: 2 }],
  [
    'k3 s[2,2,1] p1 op[1,1,0]',
    [3, 3, 3],
    { stride: [2, 2, 1], padding: 1, outputPadding: [1, 1, 0] },
  ],
] as const)('the gradients of %s are those of finite differences', async (_, kernel, options) => {
  await checkGradients(
    await testGpu(),
    [{ shape: [1, 2, 2, 1, 2] }, { shape: [2, 1, ...kernel] }, { shape: [1] }],
    (tape, [x, weight, bias]) => convTranspose3d(tape, x!, weight!, bias!, options),
  );
});

test('the gradients without bias are those of finite differences', async () => {
  await checkGradients(
    await testGpu(),
    [{ shape: [2, 1, 1, 2, 1] }, { shape: [1, 2, 2, 2, 2] }],
    (tape, [x, weight]) => convTranspose3d(tape, x!, weight!, null, { stride: 2 }),
  );
});
