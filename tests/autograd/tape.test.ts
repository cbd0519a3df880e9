import { describe, expect, test } from 'vitest';
import { add } from '../../src/autograd/add.ts';
import { prelu } from '../../src/autograd/prelu.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Parameter, Variable } from '../../src/autograd/variable.ts';
import { ShapeError } from '../../src/errors.ts';
import { dot } from '../helpers/dot.ts';
import { testGpu } from '../helpers/gpu.ts';

const shape = [1, 1, 2];

describe('Tape', () => {
  test('adds the gradients of a variable that is used more than once', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, 2), shape, 'x');
    {
      using tape = new Tape(gpu);
      const twice = add(tape, x, x);
      const thrice = add(tape, twice, x);
      tape.backward(dot(tape, thrice, Float32Array.of(1, 10)));
      expect(await gpu.read(x.grad!)).toEqual(Float32Array.of(3, 30));
    }
    x.dispose();
  });

  test('returns every byte of a step to the pool when it ends', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, -2), shape, 'x');
    const weight = new Parameter(gpu, Float32Array.of(0.25), [1], 'weight');
    const before = gpu.pool.bytesInUse;
    {
      using tape = new Tape(gpu);
      tape.backward(dot(tape, prelu(tape, add(tape, x, x), weight), Float32Array.of(1, 1)));
      expect(gpu.pool.bytesInUse).toBeGreaterThan(before);
    }
    expect(gpu.pool.bytesInUse).toBe(before);
    x.dispose();
    weight.dispose();
  });

  test('frees intermediate results during backward and keeps parameters and their gradients', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, -2), shape, 'x');
    {
      using tape = new Tape(gpu);
      const middle = add(tape, x, x);
      tape.backward(dot(tape, add(tape, middle, x), Float32Array.of(1, 1)));
      expect(() => middle.value.buffer).toThrow(/after its release/);
      expect(() => x.grad!.buffer).not.toThrow();
    }
    x.dispose();
  });

  test('does not follow variables that need no gradient', async () => {
    const gpu = await testGpu();
    using tape = new Tape(gpu);
    const x = new Variable(tape.upload(Float32Array.of(1, 2), shape));
    expect(add(tape, x, x).needsGrad).toBe(false);
  });

  test('a block of a tape that does not record keeps only its result', async () => {
    const gpu = await testGpu();
    using tape = new Tape(gpu, { recording: false });
    const x = new Variable(tape.upload(Float32Array.of(1, 2), shape));
    let inside: Variable | undefined;
    const y = tape.block((inner) => {
      inside = add(inner, x, x);
      return add(inner, inside, x);
    });
    expect(await gpu.read(y.value)).toEqual(Float32Array.of(3, 6));
    expect(() => inside!.value.buffer).toThrow(/after its release/);
  });

  test('refuses to differentiate anything but one value', async () => {
    const gpu = await testGpu();
    using tape = new Tape(gpu);
    const y = new Variable(tape.tensor([2]));
    expect(() => tape.backward(y)).toThrow(ShapeError);
  });
});
