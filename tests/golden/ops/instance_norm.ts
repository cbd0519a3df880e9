import { instanceNorm } from '../../../src/autograd/instance_norm.ts';
import { Tape } from '../../../src/autograd/tape.ts';
import { Parameter } from '../../../src/autograd/variable.ts';
import { dot } from '../../helpers/dot.ts';
import type { GoldenHandler, GoldenResult } from '../case.ts';

export const handler: GoldenHandler = async (c) => {
  const parameters = new Map<string, Parameter>();
  for (const name of c.inputNames.filter((input) => input !== 'gy')) {
    const { data, shape } = c.input(name);
    parameters.set(name, new Parameter(c.gpu, Float32Array.from(data), shape, name));
  }
  try {
    using tape = new Tape(c.gpu);
    const [weight, bias] = [parameters.get('w'), parameters.get('b')];
    const y = instanceNorm(tape, parameters.get('x')!, {
      eps: c.params.eps,
      ...(weight ? { weight } : {}),
      ...(bias ? { bias } : {}),
    });
    const results: Record<string, GoldenResult> = { y: { data: await c.gpu.read(y.value) } };
    tape.backward(dot(tape, y, Float32Array.from(c.input('gy').data)));
    for (const [name, { grad }] of parameters) {
      results[`g${name}`] = { data: await c.gpu.read(grad!) };
    }
    return results;
  } finally {
    for (const parameter of parameters.values()) parameter.dispose();
  }
};
