import { describe, expect, test } from 'vitest';
import { add, addTo } from '../../src/autograd/add.ts';
import { dropout } from '../../src/autograd/dropout.ts';
import { prelu } from '../../src/autograd/prelu.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Parameter, Variable } from '../../src/autograd/variable.ts';
import { ShapeError } from '../../src/errors.ts';
import { addForward } from '../../src/kernels/add.ts';
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

  test('a block of a recording tape keeps its result and what the gradients read', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, -2), shape, 'x');
    const weight = new Parameter(gpu, Float32Array.of(0.25), [1], 'weight');
    using tape = new Tape(gpu, { checkpointing: true });
    const inside: Variable[] = [];
    const y = tape.block((inner) => {
      const sum = add(inner, x, x);
      const readByPrelu = add(inner, sum, x);
      const bent = prelu(inner, readByPrelu, weight);
      const readByCheckpoint = add(inner, bent, x);
      inside.push(sum, bent, readByPrelu, readByCheckpoint);
      return inner.checkpoint((nested) => prelu(nested, add(nested, readByCheckpoint, x), weight));
    });
    const isKept = ({ value }: Variable): boolean => {
      try {
        return value.buffer !== undefined;
      } catch {
        return false;
      }
    };
    expect(inside.map(isKept)).toEqual([false, false, true, true]);
    tape.backward(dot(tape, y, Float32Array.of(1, 1)));
    expect(await gpu.read(x.grad!)).toEqual(Float32Array.of(5, 0.25 * (2 + 0.25 * 3)));
    x.dispose();
    weight.dispose();
  });

  test('a checkpoint keeps only its result, and is computed again for the gradients', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, -2), shape, 'x');
    const weight = new Parameter(gpu, Float32Array.of(0.25), [1], 'weight');
    const gradients = async (checkpointing: boolean) => {
      using tape = new Tape(gpu, { checkpointing, seed: 5 });
      const seen: Variable[] = [];
      const y = tape.checkpoint((inner) => {
        const doubled = add(inner, x, dropout(inner, x, 0.5));
        return inner.checkpoint((nested) => {
          const bent = dropout(nested, doubled, 0.5);
          seen.push(bent);
          return prelu(nested, bent, weight);
        });
      });
      const isKept = (): boolean => {
        try {
          return seen[0]!.value.buffer !== undefined;
        } catch {
          return false;
        }
      };
      expect(isKept()).toBe(!checkpointing);
      // x is used outside too: three gradients, whose sum depends on their order.
      const z = add(tape, dropout(tape, y, 0.5), x);
      tape.backward(dot(tape, z, Float32Array.of(0.1, 0.7)));
      expect(seen.length).toBe(checkpointing ? 2 : 1);
      return [await gpu.read(x.grad!), await gpu.read(weight.grad!)];
    };
    expect(await gradients(true)).toEqual(await gradients(false));
    x.dispose();
    weight.dispose();
  });

  test('a checkpoint without anything to differentiate is not computed again', async () => {
    const gpu = await testGpu();
    using tape = new Tape(gpu, { checkpointing: true });
    const x = new Variable(tape.upload(Float32Array.of(1, 2), shape));
    let runs = 0;
    const y = tape.checkpoint((inner) => {
      runs++;
      return add(inner, x, x);
    });
    expect(y.needsGrad).toBe(false);
    const p = new Parameter(gpu, Float32Array.of(1, 2), shape, 'p');
    tape.checkpoint((inner) => {
      runs++;
      return add(inner, p, p);
    });
    tape.backward(dot(tape, add(tape, y, p), Float32Array.of(1, 1)));
    expect(runs).toBe(2);
    p.dispose();
  });

  test('a rule overwrites the value of an input only if nobody else reads it', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, -2), shape, 'x');
    const weight = new Parameter(gpu, Float32Array.of(0.25), [1], 'weight');
    // As if the values of the input were its gradient.
    const run = async (input: (tape: Tape) => Variable, alsoBent: boolean) => {
      using tape = new Tape(gpu);
      const y = input(tape);
      const inputs = alsoBent ? [y, prelu(tape, y, weight)] : [y];
      let isCopy: boolean | undefined;
      const loss = tape.record(tape.tensor([1]), inputs, (_dy, scope, _needs, reads) => {
        const gradient = reads.take(0);
        isCopy = gradient !== y.value;
        return alsoBent ? [gradient, scope.upload(Float32Array.of(10, 10), shape)] : [gradient];
      });
      tape.backward(loss);
      return { isCopy, gradient: [...(await gpu.read(x.grad!))] };
    };
    const doubled = (tape: Tape): Variable => add(tape, x, x);
    expect(await run(doubled, false)).toEqual({ isCopy: false, gradient: [4, -8] });
    expect(await run(doubled, true)).toEqual({ isCopy: true, gradient: [24, -3] });
    expect(await run(() => x, false)).toEqual({ isCopy: true, gradient: [1, -2] });
    expect([...(await gpu.read(x.value))]).toEqual([1, -2]);
    x.dispose();
    weight.dispose();
  });

  test('a rule that is done with a value releases it, unless somebody else reads it', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, -2), shape, 'x');
    const weight = new Parameter(gpu, Float32Array.of(0.25), [1], 'weight');
    using tape = new Tape(gpu);
    const isReleased: boolean[] = [];
    const pass = (y: Variable): Variable =>
      tape.record(addForward(tape, y.value, y.value), [y], (dy, _scope, _needs, reads) => {
        const before = gpu.pool.bytesInUse;
        reads.done(0);
        isReleased.push(gpu.pool.bytesInUse < before);
        return [dy];
      });
    const bent = prelu(tape, pass(x), weight);
    const alone = pass(add(tape, bent, x));
    tape.backward(dot(tape, pass(alone), Float32Array.of(1, 1)));
    // alone is read by its own rule too, as rules save their result unless told otherwise.
    expect(isReleased).toEqual([false, true, false]);
    x.dispose();
    weight.dispose();
  });

  test('an op in place gives its own result and the gradients of the sum', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(1, -2), shape, 'x');
    const weight = new Parameter(gpu, Float32Array.of(0.25), [1], 'weight');
    for (const checkpointing of [false, true]) {
      using tape = new Tape(gpu, { checkpointing });
      const y = tape.checkpoint((inner) => {
        const sum = inner.block((nested) => addTo(nested, prelu(nested, x, weight), x));
        return prelu(inner, sum, weight);
      });
      expect([...(await gpu.read(y.value))]).toEqual([2, -0.625]);
      tape.backward(dot(tape, y, Float32Array.of(1, 1)));
      expect([...(await gpu.read(x.grad!))]).toEqual([2, 0.3125]);
    }
    x.dispose();
    weight.dispose();
  });

  test('scales all gradients', async () => {
    const gpu = await testGpu();
    const x = new Parameter(gpu, Float32Array.of(3), [1, 1, 1], 'x');
    {
      using tape = new Tape(gpu);
      tape.backward(add(tape, x, x), 0.25);
      expect(await gpu.read(x.grad!)).toEqual(Float32Array.of(0.5));
    }
    x.dispose();
  });

  test('refuses to differentiate anything but one value', async () => {
    const gpu = await testGpu();
    using tape = new Tape(gpu);
    const y = new Variable(tape.tensor([2]));
    expect(() => tape.backward(y)).toThrow(ShapeError);
  });
});
