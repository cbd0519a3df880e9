import { expect, test } from 'vitest';
import { dropout } from '../../src/autograd/dropout.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test('the gradient of dropout is that of finite differences, through the same mask', async () => {
  await checkGradients(await testGpu(), [{ shape: [1, 2, 2, 2, 2] }], (tape, [x]) =>
    dropout(tape, x!, 0.4),
  );
});

test('every call on a tape draws its own mask, and the same seed draws the same ones', async () => {
  const gpu = await testGpu();
  const draw = async (seed: number): Promise<string[]> => {
    using tape = new Tape(gpu, { seed });
    const x = new Variable(tape.upload(new Float32Array(64).fill(1), [1, 64]));
    const masks = [dropout(tape, x, 0.5), dropout(tape, x, 0.5)];
    return Promise.all(masks.map(async ({ value }) => (await gpu.read(value)).join()));
  };
  const [first, second] = await draw(3);
  expect(first).not.toBe(second);
  expect(await draw(3)).toEqual([first, second]);
  expect(await draw(4)).not.toContain(first);
});

test('dropout outside training and with p = 0 is the identity', async () => {
  const gpu = await testGpu();
  using inference = new Tape(gpu, { recording: false });
  const x = new Variable(inference.upload(Float32Array.of(1, 2), [1, 2]));
  expect(dropout(inference, x, 0.9)).toBe(x);
  using training = new Tape(gpu);
  expect(dropout(training, x, 0)).toBe(x);
});
