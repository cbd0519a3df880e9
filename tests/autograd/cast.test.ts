import { describe, expect, test } from 'vitest';
import { cast } from '../../src/autograd/cast.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Parameter } from '../../src/autograd/variable.ts';
import { roundToHalf } from '../../src/reference/cast.ts';
import { dot } from '../helpers/dot.ts';
import { testGpu } from '../helpers/gpu.ts';
import { hasHalf } from '../helpers/half.ts';
import { randomArray } from '../helpers/random.ts';

describe.skipIf(!hasHalf)('cast', () => {
  test('passes the gradient on, rounded to the precision in between', async () => {
    const gpu = await testGpu();
    const shape = [1, 3, 1, 1, 5];
    const x = new Parameter(gpu, randomArray(shape, 1), shape, 'x');
    using tape = new Tape(gpu);
    const there = cast(tape, x, 'f16');
    const back = cast(tape, there, 'f32');
    expect([there.value.dtype, back.value.dtype]).toEqual(['f16', 'f32']);
    const weights = randomArray(shape, 2);
    tape.backward(dot(tape, back, weights));
    expect(x.grad?.dtype).toBe('f32');
    expect(await gpu.read(x.grad!)).toEqual(weights.map(roundToHalf));
    x.dispose();
  });

  test('leaves a variable of that precision alone', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1), [1], 'x');
    using tape = new Tape(gpu);
    expect(cast(tape, x, 'f32')).toBe(x);
    x.dispose();
  });
});
