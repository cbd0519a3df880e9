import type { Tape } from '../../src/autograd/tape.ts';
import { Tape as GradientTape } from '../../src/autograd/tape.ts';
import { Parameter, type Variable } from '../../src/autograd/variable.ts';
import { dot } from '../helpers/dot.ts';
import type { GoldenCase, GoldenResult } from './case.ts';

/**
 * `y` of an op on the case's inputs, and the gradient `g<input>` of each for the case's `gy`:
 * the names that the manifest uses for every differentiable op.
 */
export async function differentiate(
  c: GoldenCase,
  names: readonly string[],
  op: (tape: Tape, variables: Variable[]) => Variable,
): Promise<Record<string, GoldenResult>> {
  const parameters = names.map((name) => {
    const { data, shape } = c.input(name);
    return new Parameter(c.gpu, Float32Array.from(data), shape, name);
  });
  try {
    using tape = new GradientTape(c.gpu);
    const y = op(tape, parameters);
    const results: Record<string, GoldenResult> = { y: { data: await c.gpu.read(y.value) } };
    tape.backward(dot(tape, y, Float32Array.from(c.input('gy').data)));
    for (const [n, name] of names.entries()) {
      results[`g${name}`] = { data: await c.gpu.read(parameters[n]!.grad!) };
    }
    return results;
  } finally {
    for (const parameter of parameters) parameter.dispose();
  }
}
