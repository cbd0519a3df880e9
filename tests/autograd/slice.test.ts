import { test } from 'vitest';
import { slice } from '../../src/autograd/slice.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test('the gradient of slice is that of finite differences', async () => {
  await checkGradients(await testGpu(), [{ shape: [1, 2, 2, 3, 3] }], (tape, [x]) =>
    slice(tape, x!, [null, { start: 1 }, null, { step: 2 }, { stop: -1 }]),
  );
});
