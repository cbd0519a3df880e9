import { expect, test } from 'vitest';
import { concat } from '../../src/autograd/concat.ts';
import { convTranspose3d } from '../../src/autograd/conv_transpose3d.ts';
import { convTranspose3dJoined } from '../../src/autograd/conv_transpose3d_joined.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Parameter, Variable } from '../../src/autograd/variable.ts';
import { ShapeError } from '../../src/errors.ts';
import { expectClose } from '../helpers/close.ts';
import { dot } from '../helpers/dot.ts';
import { testGpu } from '../helpers/gpu.ts';
import { checkGradients } from '../helpers/gradient_check.ts';
import { randomArray } from '../helpers/random.ts';

const options = { stride: 2, padding: 1, outputPadding: 1 };

test.each([
  ['apart', [1, 1, 5, 3, 3]],
  ['joined, as the weight is larger', [1, 1, 1, 2, 1]],
])('the gradients of two inputs, %s, are those of finite differences', async (_, shape) => {
  const [batch, , ...spatial] = shape;
  await checkGradients(
    await testGpu(),
    [{ shape }, { shape: [batch!, 2, ...spatial] }, { shape: [3, 1, 3, 3, 3] }, { shape: [1] }],
    (tape, [a, b, weight, bias]) =>
      convTranspose3dJoined(tape, [a!, b!], weight!, bias!, options, 0),
  );
});

test('the gradients of one input used twice are those of finite differences', async () => {
  await checkGradients(
    await testGpu(),
    [{ shape: [1, 1, 2, 2, 2] }, { shape: [2, 1, 2, 2, 2] }],
    (tape, [a, weight]) => convTranspose3dJoined(tape, [a!, a!], weight!, null, { stride: 2 }, 0),
  );
});

test.each([
  ['one input', [5], [3, 2, 5]],
  ['two', [5, 3], [3, 6, 5]],
  ['two of few voxels', [5, 3], [1, 2, 3]],
  ['three', [1, 17, 2], [4, 3, 5]],
])('%s: the same as of the joined tensor', async (_, channels, size) => {
  const gpu = await testGpu();
  const total = channels.reduce((sum, count) => sum + count, 0);
  const inputs = channels.map((count, n) => {
    const shape = [2, count, ...size];
    return new Parameter(gpu, randomArray(shape, n), shape, `input${n}`);
  });
  const weight = new Parameter(gpu, randomArray([total, 2, 3, 3, 3], 8), [total, 2, 3, 3, 3], 'w');
  const bias = new Parameter(gpu, randomArray([2], 9), [2], 'bias');
  const parameters = [...inputs, weight, bias];
  const run = async (op: (tape: Tape) => Variable): Promise<Float32Array[]> => {
    using tape = new Tape(gpu);
    const y = op(tape);
    const results = [await gpu.read(y.value)];
    tape.backward(dot(tape, y, randomArray(y.shape, 10)));
    for (const { grad } of parameters) results.push(await gpu.read(grad!));
    return results;
  };
  const joined = await run((tape) => convTranspose3dJoined(tape, inputs, weight, bias, options, 0));
  const expected = await run((tape) =>
    convTranspose3d(tape, concat(tape, inputs), weight, bias, options),
  );
  joined.forEach((values, n) => {
    expectClose(values, expected[n]!, { rtol: 1e-5, atol: 1e-4, shape: [values.length] });
  });
  const copied = await run((tape) => convTranspose3dJoined(tape, inputs, weight, bias, options));
  expect(copied, 'inputs that are not worth sparing').toEqual(expected);
  for (const parameter of parameters) parameter.dispose();
});

test('inputs that do not need a gradient get none', async () => {
  const gpu = await testGpu();
  const b = new Parameter(gpu, Float32Array.of(1, 2), [1, 1, 1, 1, 2], 'b');
  const weight = new Parameter(gpu, Float32Array.of(3, 4), [2, 1, 1, 1, 1], 'weight');
  using tape = new Tape(gpu);
  const a = new Variable(tape.upload(Float32Array.of(5, 6), [1, 1, 1, 1, 2]));
  const y = convTranspose3dJoined(tape, [a, b], weight, null, {}, 0);
  expect([...(await gpu.read(y.value))]).toEqual([19, 26]);
  tape.backward(dot(tape, y, Float32Array.of(1, 10)));
  expect(a.grad).toBe(undefined);
  expect([...(await gpu.read(b.grad!))]).toEqual([4, 40]);
  expect([...(await gpu.read(weight.grad!))]).toEqual([65, 21]);
  b.dispose();
  weight.dispose();
});

test('channels that are not those of the weight are refused', async () => {
  const gpu = await testGpu();
  using tape = new Tape(gpu);
  const variable = (shape: number[]): Variable => new Variable(tape.tensor(shape));
  const weight = variable([4, 1, 3, 3, 3]);
  for (const size of [2, 9]) {
    const inputs = [2, 1].map((channels) => variable([1, channels, size, size, size]));
    expect(() => convTranspose3dJoined(tape, inputs, weight, null, {}, 0)).toThrow(ShapeError);
  }
});
