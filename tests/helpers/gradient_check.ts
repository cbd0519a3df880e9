import type { Tape } from '../../src/autograd/tape.ts';
import { Tape as GradientTape } from '../../src/autograd/tape.ts';
import { Parameter, type Variable } from '../../src/autograd/variable.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { expectClose } from './close.ts';
import { dot } from './dot.ts';
import { randomArray } from './random.ts';

export interface CheckedInput {
  readonly shape: readonly number[];
  readonly data?: Float32Array;
}

/**
 * Compares an autograd rule with central differences of its own forward pass, through the scalar
 * sum(y * random). Every element of every input is moved, so keep the shapes tiny.
 */
export async function checkGradients(
  gpu: Gpu,
  inputs: readonly CheckedInput[],
  op: (tape: Tape, variables: Variable[]) => Variable,
  { step = 1e-2, rtol = 1e-2, atol = 1e-3 } = {},
): Promise<void> {
  const data = inputs.map(({ shape, data: given }, n) => given ?? randomArray(shape, 100 + n));
  let weights: Float32Array | undefined;
  const evaluate = async (backward: boolean): Promise<{ loss: number; grads: Float32Array[] }> => {
    const parameters = data.map(
      (values, n) => new Parameter(gpu, values, inputs[n]!.shape, `input${n}`),
    );
    try {
      using tape = new GradientTape(gpu);
      const y = op(tape, parameters);
      weights ??= randomArray(y.shape, 7);
      const values = await gpu.read(y.value);
      let loss = 0;
      for (let n = 0; n < values.length; n++) loss += values[n]! * weights[n]!;
      if (!backward) return { loss, grads: [] };
      tape.backward(dot(tape, y, weights));
      const grads: Float32Array[] = [];
      for (const parameter of parameters) grads.push(await gpu.read(parameter.grad!));
      return { loss, grads };
    } finally {
      for (const parameter of parameters) parameter.dispose();
    }
  };
  const { grads } = await evaluate(true);
  for (const [n, values] of data.entries()) {
    const numeric = new Float32Array(values.length);
    for (let at = 0; at < values.length; at++) {
      const centre = values[at]!;
      values[at] = centre + step;
      const { loss: above } = await evaluate(false);
      values[at] = centre - step;
      const { loss: below } = await evaluate(false);
      values[at] = centre;
      numeric[at] = (above - below) / (2 * step);
    }
    expectClose(grads[n]!, numeric, { rtol, atol, shape: inputs[n]!.shape });
  }
}
