import { test } from 'vitest';
import { add } from '../../src/autograd/add.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test('the gradients of add are those of finite differences, also for a term used twice', async () => {
  const inputs = [{ shape: [1, 2, 3] }, { shape: [1, 2, 3] }];
  await checkGradients(await testGpu(), inputs, (tape, [a, b]) => add(tape, add(tape, a!, b!), a!));
});
