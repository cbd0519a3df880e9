import { expect, test } from 'vitest';
import { concat } from '../../src/autograd/concat.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Parameter, Variable } from '../../src/autograd/variable.ts';
import { dot } from '../helpers/dot.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';

test('the gradients of concat are those of finite differences', async () => {
  const inputs = [{ shape: [2, 1, 1, 1, 2] }, { shape: [2, 2, 1, 1, 2] }];
  await checkGradients(await testGpu(), inputs, (tape, [a, b]) => concat(tape, [a!, b!]));
});

test('an input used twice gets the sum of both gradients, and one without need gets none', async () => {
  const gpu = await testGpu();
  const a = new Parameter(gpu, Float32Array.of(1, 2), [1, 1, 2], 'a');
  using tape = new Tape(gpu);
  const fixed = new Variable(tape.upload(Float32Array.of(5, 6), [1, 1, 2]));
  const y = concat(tape, [a, fixed, a]);
  expect([...(await gpu.read(y.value))]).toEqual([1, 2, 5, 6, 1, 2]);
  tape.backward(dot(tape, y, Float32Array.of(1, 2, 3, 4, 50, 60)));
  expect([...(await gpu.read(a.grad!))]).toEqual([51, 62]);
  expect(fixed.grad).toBe(undefined);
  a.dispose();
});
